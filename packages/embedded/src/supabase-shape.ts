import { join } from 'node:path';

import { applyFiles } from './apply-migrations.ts';
import { withClient } from './connection.ts';
import type { Passwords } from './data-dir.ts';

/** Gives the database the roles and schemas of a hosted Supabase project, and its login roles their passwords. */
export function shapeLikeSupabase(adminUrl: string, passwords: Passwords): Promise<void> {
  return withClient(adminUrl, async (client) => {
    await applyFiles(client, 'gantry_embedded', join(import.meta.dirname, '../sql/shape'));
    for (const role of ['postgres', 'supabase_auth_admin'] as const) {
      await client.query(`alter role ${role} password ${client.escapeLiteral(passwords[role])}`);
    }
    await client.query('grant create, connect, temporary on database postgres to postgres');
  });
}
