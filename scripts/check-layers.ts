// `pnpm lint`: who may import whom (ARCHITECTURE.md), where the environment is read, and where SQL stands.
import { globSync, readFileSync } from 'node:fs';
import { posix, resolve, sep } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

const MAY_IMPORT: Record<string, string[]> = {
  'apps/api': ['backend', 'contract', 'core', 'embedded', 'file-names', 'sheet'],
  'apps/worker': ['automations', 'backend', 'chrome', 'contract', 'core', 'embedded', 'sheet'],
  'apps/web': ['client', 'react', 'sheet'],
  'packages/react': ['client'],
  'packages/client': ['contract'],
  'packages/automations': ['chrome', 'contract', 'sheet'],
  'packages/backend': [],
  'packages/contract': [],
  'packages/core': ['contract'],
  'packages/chrome': ['file-names'],
  'packages/file-names': [],
  'packages/sheet': [],
  'packages/embedded': [],
};
// The SDK knows the router by its type alone.
const MAY_IMPORT_TYPES: Record<string, string[]> = { 'packages/client': ['api'] };

const READS_ENVIRONMENT = /(^|\/)(config|vite\.config|vitest\.config)\.ts$|^apps\/[^/]+\/src\/main\.ts$/;
const HOLDS_SQL = /^packages\/(core\/src|embedded)\//;
const SQL = /[`'"]\s*(select\s+[\w*'(]|insert\s+into\s|update\s+\w+\.\w+\s+set|delete\s+from\s)/i;

/** What is wrong with a file, a sentence each. */
export function checkFile(path: string, source: string): string[] {
  const home = homeOf(path);
  const isTest = /\.test\.tsx?$|\/tests\//.test(path);
  if (isTest) return [];
  const problems: string[] = [];
  for (const { name, isType } of findImports(source)) {
    const allowed = [...(MAY_IMPORT[home] ?? []), ...(isType ? (MAY_IMPORT_TYPES[home] ?? []) : [])];
    if (!allowed.includes(name)) problems.push(`${path} imports @gantry/${name}`);
  }
  for (const [, relative = ''] of source.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']*)'/g)) {
    const target = posix.join(posix.dirname(path), relative);
    if (homeOf(target) !== home) problems.push(`${path} reaches into ${target}`);
  }
  if (/\bprocess\.env\b/.test(source) && !READS_ENVIRONMENT.test(path))
    problems.push(`${path} reads process.env`);
  if (SQL.test(source) && !HOLDS_SQL.test(path)) problems.push(`${path} holds SQL`);
  return problems;
}

/** What is wrong with a package.json, a sentence each. What only tests need stands in devDependencies. */
export function checkManifest(path: string, manifest: { dependencies?: Record<string, string> }): string[] {
  const allowed = MAY_IMPORT[homeOf(path)] ?? [];
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => name.startsWith('@gantry/') && !allowed.includes(name.slice('@gantry/'.length)))
    .map((name) => `${path} depends on ${name}`);
}

function homeOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function findImports(source: string): { name: string; isType: boolean }[] {
  const statements = /\b(import|export)(\s+type)?\b[^'";]*?['"]@gantry\/([\w-]+)/g;
  return [...source.matchAll(statements)].map(([, , type, name = '']) => ({ name, isType: Boolean(type) }));
}

if (import.meta.main) {
  const find = (pattern: string) =>
    globSync(pattern, { cwd: ROOT, exclude: (name) => name === 'node_modules' }).map((path) =>
      path.split(sep).join('/'),
    );
  const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
  const problems = [
    ...find('{apps,packages}/*/src/**/*.{ts,tsx}').flatMap((path) => checkFile(path, read(path))),
    ...find('{apps,packages}/*/package.json').flatMap((path) => checkManifest(path, JSON.parse(read(path)))),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
