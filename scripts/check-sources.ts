// `pnpm lint`: where the environment is read and where SQL is written. `.dependency-cruiser.mjs` says who may import whom.
import { globSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

const READS_ENVIRONMENT = /(^|\/)(config|vite\.config|vitest\.config)\.ts$|^apps\/[^/]+\/src\/main\.ts$/;
const HOLDS_SQL = /^packages\/(core\/src|embedded)\//;
const SQL = /[`'"]\s*(select\s+[\w*'(]|insert\s+into\s|update\s+\w+\.\w+\s+set|delete\s+from\s)/i;

/** What is wrong with a source file, a sentence each. */
export function checkSource(path: string, source: string): string[] {
  const problems: string[] = [];
  if (/\bprocess\.env\b/.test(source) && !READS_ENVIRONMENT.test(path))
    problems.push(`${path} reads process.env`);
  if (SQL.test(source) && !HOLDS_SQL.test(path)) problems.push(`${path} holds SQL`);
  return problems;
}

if (import.meta.main) {
  const paths = globSync('{apps,packages}/*/src/**/*.{ts,tsx}', {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules',
  })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !/\.test\.tsx?$/.test(path));
  const problems = paths.flatMap((path) => checkSource(path, readFileSync(resolve(ROOT, path), 'utf8')));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
