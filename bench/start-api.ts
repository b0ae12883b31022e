import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** An API in a process of its own, which ends with `stop`. */
export type ApiProcess = { child: ChildProcess; url: string; stop(): Promise<void> };

/** Starts the API on a data directory whose database runs already, and waits until it listens. */
export async function startApi(dataDir: string): Promise<ApiProcess> {
  const port = await findPort();
  const child = fork(join(ROOT, 'apps/api/src/main.ts'), {
    env: { ...process.env, GANTRY_DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // It says that it listens. /readyz would wait for a service, which a bench publishes later.
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The API did not start.');
    }),
  ]);
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    stop: () => stopChild(child),
  };
}

/** Asks a process to end and waits until it has. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
