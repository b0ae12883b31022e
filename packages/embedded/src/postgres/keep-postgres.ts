import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedError } from '../errors.ts';
import { askServer, databaseUrl } from './connection.ts';
import { giveToPostgres } from './data-dir.ts';
import { initialiseCluster } from './initialise-cluster.ts';
import { findPostmaster } from './postmaster-file.ts';
import { type StartedPostgres, type StartOptions, startPostgres } from './start-postgres.ts';

/** The Postgres of a data directory, ours or adopted. */
export type KeptPostgres = StartedPostgres & { isOwner: boolean };

/** Right after a crash the dead server's children or shared memory can still be in the way: then again, so long. */
const RETRY_MS = 10_000;

/**
 * Starts the Postgres of a data directory or adopts the one that runs, and starts it again if it ends by itself.
 * Of several processes that do so at the same moment one becomes the owner: Postgres's own lock decides.
 *
 * @throws {EmbeddedError} DATA_DIR_LOCKED, DATA_DIR_UNREADABLE, POSTGRES_FAILED
 */
export async function keepPostgres(options: StartOptions): Promise<KeptPostgres> {
  let current = await startOrAdopt(options);
  if (!current.isOwner) return current;
  const { port } = current;
  let isStopping = false;
  const keep = async () => {
    for (;;) {
      await current.exited;
      if (isStopping) return;
      options.log('Postgres ended by itself and is started again');
      // On the same port, so that everybody's URL stays right.
      current = await startOrAdopt({ ...options, port });
      if (isStopping) await current.stop();
    }
  };
  const exited = keep().catch((error: unknown) => {
    options.log(error instanceof Error ? error.message : String(error));
  });
  return {
    port,
    isOwner: true,
    exited,
    async stop() {
      isStopping = true;
      await current.stop();
      if (current.isOwner) await exited;
    },
  };
}

async function startOrAdopt(options: StartOptions): Promise<KeptPostgres> {
  let failedSince: number | null = null;
  for (;;) {
    const adopted = await adopt(options);
    if (adopted) return adopted;
    await giveToPostgres(options.paths, options.user);
    try {
      if (!existsSync(join(options.paths.cluster, 'PG_VERSION'))) await initialiseCluster(options);
      return { ...(await startPostgres(options)), isOwner: true };
    } catch (error) {
      if (!(error instanceof EmbeddedError && error.code === 'POSTGRES_FAILED')) throw error;
      failedSince ??= performance.now();
      const isTooLong = performance.now() - failedSince > RETRY_MS;
      // Another process was faster, however long that took: its Postgres is adopted next.
      if (isTooLong && !(await findPostmaster(options.paths.cluster))) throw error;
      options.log(`${error.message}; trying again`);
      await pause(300);
    }
  }
}

/** A live Postgres of this directory is used, never trampled. One that is just starting or stopping is waited for. */
async function adopt({ paths, passwords, silenceMs }: StartOptions): Promise<KeptPostgres | null> {
  let lastHeard = performance.now();
  for (;;) {
    const postmaster = await findPostmaster(paths.cluster);
    if (!postmaster) return null;
    const { pid, port } = postmaster;
    const url = databaseUrl({
      role: 'supabase_admin',
      password: passwords.supabase_admin,
      socket: paths.socket,
      port,
    });
    const answer = port > 0 ? await askServer(url) : 'silent';
    if (answer === 'ready') {
      return { port, isOwner: false, exited: new Promise(() => {}), stop: async () => {} };
    }
    if (answer === 'busy') lastHeard = performance.now();
    if (answer === 'unauthorized' || performance.now() - lastHeard > silenceMs) {
      throw new EmbeddedError(
        'DATA_DIR_LOCKED',
        `Another Postgres (pid ${pid}) uses ${paths.cluster} and ${answer === 'unauthorized' ? 'is not ours' : 'does not answer'}. Stop it, or set GANTRY_DATA_DIR to another directory.`,
      );
    }
    await pause(100);
  }
}
