import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { TEST_CACHE_DIR } from '@gantry/chrome/testing';

const ROOT = resolve(import.meta.dirname, '../..');

/** A running Gantry. */
export type Product = { url: string } & AsyncDisposable;

/**
 * Starts what `pnpm start` starts, on a free port and with a new data directory, and waits until it is ready. All share
 * the browser that one of them has unpacked.
 *
 * @param settings of the environment, besides those
 */
export async function startProduct(settings: Record<string, string> = {}): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-e2e-'));
  await mkdir(TEST_CACHE_DIR, { recursive: true });
  await symlink(TEST_CACHE_DIR, join(dataDir, 'browser'));
  const port = await freePort();
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', GANTRY_DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const isReady = new Promise<true>((resolveReady) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      if (line.startsWith('Gantry is ready at ')) resolveReady(true);
    });
  });
  if ((await Promise.race([isReady, exited])) !== true) {
    throw new Error(`Gantry did not start:\n${said.join('\n')}`);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}
