import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The superuser's URL, which the product itself never hands out. */
export async function readAdminUrl(dataDir: string, databaseUrl: string): Promise<string> {
  const passwords: { supabase_admin: string } = JSON.parse(
    await readFile(join(dataDir, 'passwords.json'), 'utf8'),
  );
  const url = new URL(databaseUrl);
  url.username = 'supabase_admin';
  url.password = passwords.supabase_admin;
  return url.href;
}
