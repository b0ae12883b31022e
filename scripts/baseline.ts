// `pnpm baseline`: writes the first migration from supabase/schemas. Until the first release it is the only one.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SUPABASE = join(import.meta.dirname, '../supabase');

/** Where the baseline is. */
export const BASELINE = join(SUPABASE, 'migrations/20251001000000_add_automation_job_queue.sql');

/** What belongs into it: all schema files, and a mark by which a process knows that this schema made its database. */
export function makeBaseline(): string {
  const files = readdirSync(join(SUPABASE, 'schemas')).toSorted();
  const schema = files
    .map((file) => `-- ${file}\n\n${readFileSync(join(SUPABASE, 'schemas', file), 'utf8')}`)
    .join('\n');
  const mark = createHash('sha256')
    .update(schema.replaceAll(/^\s*(--.*)?\n/gm, ''))
    .digest('hex')
    .slice(0, 16);
  return `-- Made by "pnpm baseline" from supabase/schemas. Edit these files instead.\n\n${schema}\ncomment on schema gantry is 'Baseline ${mark}';\n`;
}

if (import.meta.main) writeFileSync(BASELINE, makeBaseline());
