// `pnpm lint`: who may import whom (ARCHITECTURE.md), where the environment is read, and where SQL stands.
import { globSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

const MAY_IMPORT: Record<string, string[]> = {
  'apps/api': ['core', 'embedded', 'sheet'],
  'apps/worker': ['automations', 'chrome', 'core', 'embedded', 'sheet'],
  'apps/web': ['client', 'react', 'sheet'],
  'packages/react': ['client'],
  'packages/client': [],
  'packages/automations': ['chrome', 'sheet'],
  'packages/core': [],
  'packages/chrome': [],
  'packages/sheet': [],
  'packages/embedded': [],
};
// The SDK knows the router by its type alone.
const MAY_IMPORT_TYPES: Record<string, string[]> = { 'packages/client': ['api'] };

const READS_ENVIRONMENT = /(^|\/)(config|vite\.config|vitest\.config)\.ts$|^apps\/[^/]+\/src\/main\.ts$/;
const HOLDS_SQL =
  /^packages\/(core\/src\/(queries|listen)\/|core\/src\/(with-user|service-pool|run-query)\.ts|embedded\/)|^apps\/api\/src\/rest\/register-meta\.ts$/;
const SQL = /[`'"]\s*(select\s+[\w*'(]|insert\s+into\s|update\s+\w+\.\w+\s+set|delete\s+from\s)/i;

/** What is wrong with a file, a sentence each. */
export function checkFile(path: string, source: string): string[] {
  const home = path.split('/').slice(0, 2).join('/');
  const isTest = /\.test\.tsx?$|\/tests\//.test(path);
  const problems: string[] = [];
  for (const [, keyword, name] of source.matchAll(
    /(import type|import|export type|export)\b[^'";]*?from '@gantry\/([\w-]+)/g,
  )) {
    const allowed = [
      ...(MAY_IMPORT[home] ?? []),
      ...(keyword?.endsWith('type') ? (MAY_IMPORT_TYPES[home] ?? []) : []),
    ];
    if (!isTest && name !== undefined && !allowed.includes(name))
      problems.push(`${path} imports @gantry/${name}`);
  }
  if (isTest) return problems;
  if (/\bprocess\.env\b/.test(source) && !READS_ENVIRONMENT.test(path))
    problems.push(`${path} reads process.env`);
  if (SQL.test(source) && !HOLDS_SQL.test(path)) problems.push(`${path} holds SQL`);
  return problems;
}

if (import.meta.main) {
  const files = globSync('{apps,packages}/*/src/**/*.{ts,tsx}', { cwd: ROOT }).map((path) =>
    path.split(sep).join('/'),
  );
  const problems = files.flatMap((path) => checkFile(path, readFileSync(resolve(ROOT, path), 'utf8')));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
