import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';

const MAX_WAIT_MS = 5_000;
const PAUSE_MS = 100;

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (e?: unknown) => void,
) => void;

/**
 * A pool that waits a little when the server has no connection left: another client may give one back, and so may this
 * pool itself. Poolers have few, 15 in a small Supabase project.
 */
export class PatientPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | void {
    const connected = this.#connect();
    if (!callback) return connected;
    void answer(connected, callback);
  }

  async #connect(): Promise<pg.PoolClient> {
    const deadline = performance.now() + MAX_WAIT_MS;
    for (;;) {
      try {
        return await super.connect();
      } catch (error) {
        if (!isServerFull(error) || performance.now() > deadline) throw error;
      }
      await pause(PAUSE_MS * (0.5 + Math.random()));
    }
  }
}

/** For the pool's own `query`, which waits by callback. */
async function answer(connected: Promise<pg.PoolClient>, callback: Callback): Promise<void> {
  let client: pg.PoolClient;
  try {
    client = await connected;
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)), undefined, () => {});
    return;
  }
  callback(undefined, client, (error) => client.release(error instanceof Error || error === true));
}

/** Whether a server or pooler has refused a connection because it has no more of them. */
export function isServerFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Supavisor says "MaxClientsInSessionMode: max clients reached", pgbouncer "no more connections allowed".
  return (
    ('code' in error && error.code === '53300') ||
    /max ?clients|no more connections allowed/i.test(error.message)
  );
}
