import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { connectOnce, databaseUrl, fitsSocketPath } from './connection.ts';
import type { DataDir, Passwords } from './data-dir.ts';
import { EmbeddedError } from './errors.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresUser } from './postgres-user.ts';
import { findPostmaster } from './postmaster-file.ts';

/** A Postgres that this process started and that ends with it. */
export type RunningPostgres = { port: number; exited: Promise<void>; stop(): Promise<void> };

type StartOptions = {
  paths: DataDir;
  user: PostgresUser;
  binaries: PostgresBinaries;
  passwords: Passwords;
  log: (line: string) => void;
};

// Waits for the end of its standard input, a pipe that only our process holds: it closes even after SIGKILL, and
// Postgres is then asked for a fast shutdown. In a session of its own, so that Ctrl-C in a terminal does not take
// the database away while the others still finish.
const WATCHDOG = `exec 3<&0
"$@" </dev/null 3<&- &
postgres=$!
{ cat >/dev/null <&3; kill -INT "$postgres" 2>/dev/null; } &
watch=$!
wait "$postgres"; status=$?
kill "$watch" 2>/dev/null
exit "$status"`;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  max_connections: '120',
  shared_buffers: '128MB',
  password_encryption: 'scram-sha-256',
  // A client that vanished must not keep its row locks.
  client_connection_check_interval: '2s',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  idle_in_transaction_session_timeout: '60s',
};

/** Makes the cluster if there is none, starts Postgres on a free port and waits until it answers. */
export async function startPostgres(options: StartOptions): Promise<RunningPostgres> {
  if (!existsSync(join(options.paths.cluster, 'PG_VERSION'))) await initialise(options);
  // Right after a crash the dead server's shared memory or children can still be in the way.
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(options, await findFreePort());
    } catch (error) {
      if (attempt === 10) throw error;
      options.log(
        `Postgres did not start, trying again: ${error instanceof Error ? error.message : String(error)}`,
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function initialise({ paths, user, binaries, passwords }: StartOptions): Promise<void> {
  const passwordFile = join(paths.socket, `initdb-${process.pid}`);
  await writeFile(passwordFile, passwords.supabase_admin, { mode: 0o600 });
  if (user.runAs) await chown(passwordFile, user.runAs.uid, user.runAs.gid);
  const [program = '', ...args] = [
    ...user.prefix,
    binaries.initdb,
    `--pgdata=${paths.cluster}`,
    '--username=supabase_admin',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
  ];
  try {
    const initdb = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    await finished(initdb, 'initdb');
  } finally {
    await rm(passwordFile);
  }
}

async function start(
  { paths, user, binaries, passwords, log }: StartOptions,
  port: number,
): Promise<RunningPostgres> {
  const settings = {
    ...SETTINGS,
    port: String(port),
    unix_socket_directories: fitsSocketPath(paths.socket) ? paths.socket : '',
  };
  const command = [
    ...user.prefix,
    binaries.postgres,
    '-D',
    paths.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'gantry-postgres', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trimEnd().split('\n')) {
      lines.push(line);
      if (lines.length > 20) lines.shift();
      log(line);
    }
  });
  const exited = once(child, 'close').then(() => {});
  // Nobody waits for the pipe's error: it comes when the watchdog went first, and `exited` tells that.
  child.stdin.on('error', () => {});
  const url = databaseUrl({
    role: 'supabase_admin',
    password: passwords.supabase_admin,
    socket: paths.socket,
    port,
  });
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  const deadline = performance.now() + 60_000;
  while (!(await connectOnce(url))) {
    if (isOver || performance.now() > deadline) {
      child.stdin.end();
      await exited;
      throw new EmbeddedError('POSTGRES_FAILED', `Postgres did not start: ${explain(lines)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    exited,
    async stop() {
      child.stdin.end();
      await exited;
      await untilGone(paths.cluster);
    },
  };
}

async function untilGone(cluster: string): Promise<void> {
  while (await findPostmaster(cluster)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The server's own words for why it gave up, without its time stamps. */
function explain(lines: string[]): string {
  const telling = lines.filter((line) => /FATAL|PANIC|ERROR|cannot|could not|denied/.test(line));
  return (telling.at(-1) ?? lines.at(-1) ?? 'it said nothing').replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '');
}

async function finished(child: ChildProcess, name: string): Promise<void> {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [status]: unknown[] = await once(child, 'close');
  if (status !== 0)
    throw new EmbeddedError('POSTGRES_FAILED', `${name} failed: ${explain(text.trim().split('\n'))}`);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}
