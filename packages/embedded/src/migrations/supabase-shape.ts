import { join } from 'node:path';

import type pg from 'pg';
import type { Passwords } from '../postgres/data-dir.ts';
import { applyFiles } from './apply-migrations.ts';

/** Gives the database the roles and schemas of a hosted Supabase project, and its login roles their passwords. */
export async function shapeLikeSupabase(admin: pg.Client, passwords: Passwords): Promise<void> {
  await applyFiles(admin, 'gantry_embedded', join(import.meta.dirname, '../../sql/shape'));
  for (const role of ['postgres', 'supabase_auth_admin'] as const) {
    await admin.query(`alter role ${role} password ${admin.escapeLiteral(passwords[role])}`);
  }
}
