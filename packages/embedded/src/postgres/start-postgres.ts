import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedError } from '../errors.ts';
import { askServer, databaseUrl, fitsSocketPath } from './connection.ts';
import type { DataDir, Passwords } from './data-dir.ts';
import { choosePort, rememberPort } from './port.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { postgresFailure } from './postgres-failure.ts';
import type { PostgresUser } from './postgres-user.ts';
import { findPostmaster, removeForeignPidFile } from './postmaster-file.ts';
import type { RunAs } from './run-as.ts';
import { spawnWatched, type Watched } from './watchdog.ts';

/** What it takes to start the Postgres of a data directory. */
export type StartOptions = {
  paths: DataDir;
  user: PostgresUser;
  runAs: RunAs;
  binaries: PostgresBinaries;
  passwords: Passwords;
  /** The port that it must have; any, if not given. */
  port?: number;
  /** How long a Postgres may run without answering at all. Recovery of its log does answer, and may take long. */
  silenceMs: number;
  log: (line: string) => void;
};

/** A Postgres that this process started and that ends with it. */
export type StartedPostgres = { port: number; exited: Promise<void>; stop(): Promise<void> };

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

/**
 * Starts the Postgres of a cluster and waits until it answers.
 *
 * @throws {EmbeddedError} POSTGRES_FAILED, DATA_DIR_UNREADABLE
 */
export async function startPostgres(options: StartOptions): Promise<StartedPostgres> {
  const { paths, binaries, runAs, log } = options;
  await removeForeignPidFile(paths.cluster);
  const port = options.port ?? (await choosePort(paths.root));
  const settings = {
    ...SETTINGS,
    port: String(port),
    unix_socket_directories: fitsSocketPath(paths.socket) ? paths.socket : '',
  };
  const postgres = await spawnWatched(
    [
      binaries.postgres,
      '-D',
      paths.cluster,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    runAs,
    log,
  );
  try {
    await untilReady(postgres, options, port);
    await rememberPort(paths.root, port);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return { port, exited: postgres.exited.then(() => {}), stop: () => postgres.stop() };
}

async function untilReady(postgres: Watched, { paths, passwords, silenceMs }: StartOptions, port: number) {
  const url = databaseUrl({
    role: 'supabase_admin',
    password: passwords.supabase_admin,
    socket: paths.socket,
    port,
  });
  let isOver = false;
  void postgres.exited.then(() => {
    isOver = true;
  });
  let lastHeard = performance.now();
  for (;;) {
    const answer = await askServer(url);
    if (isOver) throw postgresFailure('Postgres did not start', postgres.lastLines);
    // Of two that start at the same moment one gives up soon; until then the other might answer for it.
    const isOurs = (await findPostmaster(paths.cluster))?.pid === postgres.pid;
    if (answer === 'ready' && isOurs) return;
    if (answer === 'unauthorized' && isOurs) {
      throw new EmbeddedError(
        'DATA_DIR_UNREADABLE',
        `${paths.root}/passwords.json does not hold the passwords of ${paths.cluster}. Restore the file that belongs to it, or set GANTRY_DATA_DIR to another directory.`,
      );
    }
    if (answer === 'busy') lastHeard = performance.now();
    if (performance.now() - lastHeard > silenceMs) {
      throw postgresFailure('Postgres started and does not answer', postgres.lastLines);
    }
    await pause(20);
  }
}
