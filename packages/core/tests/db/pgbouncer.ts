import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOBODY = 65_534;

/** Whether Debian's pgbouncer is installed. */
export const hasPgbouncer = spawnSync('pgbouncer', ['--version']).status === 0;

/** Puts a pgbouncer before a database; `url` leads to the database through it. */
export async function startPgbouncer(
  databaseUrl: string,
  o: { mode: 'transaction' | 'session'; poolSize?: number; settings?: string },
) {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-pgbouncer-'));
  const port = await freePort();
  const target = new URL(databaseUrl);
  const config = join(directory, 'pgbouncer.ini');
  await writeFile(
    config,
    `[databases]
* = host=127.0.0.1 port=${target.port} user=${target.username} password='${decodeURIComponent(target.password)}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${o.mode}
default_pool_size = ${o.poolSize ?? 15}
${o.settings ?? ''}
`,
  );
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  await chmod(directory, 0o755);
  const child = spawn('pgbouncer', [config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  await isUp(child);
  const url = new URL(`postgres://${target.username}@127.0.0.1:${port}${target.pathname}`);
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isUp(child: ChildProcess): Promise<void> {
  let said = '';
  const up = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      said += chunk;
      if (said.includes('process up')) resolve();
    });
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`pgbouncer ended: ${said}`);
  });
  await Promise.race([up, ended]);
  ended.catch(() => {});
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
