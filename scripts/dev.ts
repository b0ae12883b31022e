// `pnpm dev`: everything in watch mode. The web app comes from Vite, which hands /api and /auth to the API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { askedToStop } from './asked-to-stop.ts';
import { findFreePort, findPort } from './find-port.ts';

const ROOT = resolve(import.meta.dirname, '..');
const VITE_PORT = 5173;

try {
  await run(process.env);
} catch (error) {
  process.stderr.write(`gantry: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(env: NodeJS.ProcessEnv): Promise<void> {
  using asked = askedToStop();
  const host = env['HOST'] ?? '127.0.0.1';
  const port = await findPort({ host, port: Number(env['PORT'] ?? 3001) });
  const webPort = await findFreePort({ host, from: VITE_PORT });
  const urlOf = (at: number) => `http://${host.includes(':') ? `[${host}]` : host}:${at}`;

  const start = (cwd: string, args: string[]) =>
    spawn(process.execPath, args, {
      cwd: resolve(ROOT, cwd),
      env: { ...env, PORT: String(port), GANTRY_API_URL: urlOf(port) },
      stdio: ['ignore', 'inherit', 'inherit'],
      // Ctrl-C reaches this process, which passes it on once.
      detached: true,
    });
  const vite = ['node_modules/vite/bin/vite.js', '--clearScreen', 'false', '--logLevel', 'warn'];
  const children = [
    start('.', ['scripts/start.ts', '--watch', `--web=${urlOf(webPort)}`]),
    start('apps/web', [...vite, '--host', host, '--port', String(webPort), '--strictPort']),
  ];
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.race([asked.promise, ...ended]);
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
}
