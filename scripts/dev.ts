// `pnpm dev`: everything in watch mode. The web app comes from Vite, which hands /api and /auth to the API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { askedToStop } from './asked-to-stop.ts';

const ROOT = resolve(import.meta.dirname, '..');
const port = process.env['PORT'] ?? '3001';
const host = process.env['HOST'] ?? '127.0.0.1';

using asked = askedToStop();
const run = (cwd: string, args: string[]) =>
  spawn(process.execPath, args, {
    cwd: resolve(ROOT, cwd),
    env: { ...process.env, GANTRY_API_URL: `http://${host.includes(':') ? `[${host}]` : host}:${port}` },
    stdio: ['ignore', 'inherit', 'inherit'],
    // Ctrl-C reaches this process, which passes it on once.
    detached: true,
  });
const children = [
  run('.', ['scripts/start.ts', '--watch']),
  run('apps/web', ['node_modules/vite/bin/vite.js', '--clearScreen', 'false']),
];
const ended = children.map((child) => once(child, 'exit'));
await Promise.race([asked.promise, ...ended]);
for (const child of children) child.kill('SIGTERM');
await Promise.all(ended);
