// `pnpm dev`: everything in watch mode. The web app comes from Vite, which hands /api and /auth to the API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const children = [
  spawn(process.execPath, [resolve(ROOT, 'scripts/start.ts'), '--watch'], { stdio: 'inherit' }),
  spawn(process.execPath, [resolve(ROOT, 'apps/web/node_modules/vite/bin/vite.js')], {
    cwd: resolve(ROOT, 'apps/web'),
    stdio: 'inherit',
  }),
];
// Ctrl-C reaches the whole group; a plain SIGTERM reaches only this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (signal === 'SIGTERM') for (const child of children) child.kill(signal);
  });
}
await Promise.race(children.map((child) => once(child, 'exit')));
for (const child of children) child.kill('SIGTERM');
