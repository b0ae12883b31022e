import { randomUUID } from 'node:crypto';

import pg from 'pg';

import { GantryError } from '../errors.ts';
import { pause } from '../pause.ts';

/** What a listener does with its connection. */
export type ListenerOptions = {
  /** A direct or session-mode connection: a transaction pooler drops LISTEN and session locks. */
  databaseUrl: string;
  applicationName: string;
  channels: string[];
  onNotification: (channel: string, payload: string) => void;
  /**
   * Called after each (re)connection, when the LISTENs stand: whatever happened before must now be read from the
   * tables. `client` may take session locks.
   */
  onConnected: (client: pg.Client) => Promise<void> | void;
  onDisconnected?: () => void;
};

const SELF_TEST = 'gantry_self_test';
const CHECK_INTERVAL_MS = 10_000;
// Shorter than the grace that others give a worker whose session is gone.
const LONGEST_BACKOFF_MS = 1_000;

/** One connection that listens, and comes back when it is lost. Notifications are hints: some may never arrive. */
export class Listener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  #client: pg.Client | null = null;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /**
   * Connects, and proves that a notification arrives.
   *
   * @throws {GantryError} LISTEN_UNAVAILABLE, with what to do about it
   */
  static async start(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const { ended } = await listener.#connect(true);
    listener.#running = listener.#stayConnected(ended);
    return listener;
  }

  /** Whether the connection stands. */
  get isConnected(): boolean {
    return this.#client !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => {});
    await this.#running;
  }

  async #stayConnected(firstEnded: Promise<void>): Promise<void> {
    await firstEnded;
    let backoffMs = 50;
    while (!this.#stop.signal.aborted) {
      try {
        const { ended } = await this.#connect(false);
        backoffMs = 50;
        await ended;
      } catch {
        await pause(backoffMs * (0.5 + Math.random()), this.#stop.signal);
        backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
      }
    }
  }

  /** Connects; `ended` resolves when the connection is gone. */
  async #connect(isFirst: boolean): Promise<{ ended: Promise<void> }> {
    const { databaseUrl, applicationName, channels, onNotification, onConnected, onDisconnected } =
      this.#options;
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      keepAlive: true,
    });
    const ended = Promise.withResolvers<void>();
    client.on('error', () => ended.resolve());
    client.on('end', () => ended.resolve());
    const tested = Promise.withResolvers<void>();
    const ticket = randomUUID();
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === SELF_TEST) {
        if (payload === ticket) tested.resolve();
      } else onNotification(channel, payload);
    });
    try {
      await client.connect();
      await client.query('set role service_role');
      for (const channel of [SELF_TEST, ...channels])
        await client.query(`listen ${client.escapeIdentifier(channel)}`);
      if (isFirst) {
        await client.query('select pg_notify($1, $2)', [SELF_TEST, ticket]);
        await Promise.race([tested.promise, pause(5_000, this.#stop.signal).then(refuse)]);
      }
      this.#client = client;
      await onConnected(client);
    } catch (error) {
      this.#client = null;
      void client.end().catch(() => {});
      throw error;
    }
    const check = setInterval(() => {
      // A half-open connection says nothing by itself; the query's time-out does.
      client.query('select 1').catch(() => ended.resolve());
    }, CHECK_INTERVAL_MS);
    return {
      ended: ended.promise.then(() => {
        clearInterval(check);
        this.#client = null;
        void client.end().catch(() => {});
        onDisconnected?.();
      }),
    };
  }
}

function refuse(): never {
  throw new GantryError(
    'LISTEN_UNAVAILABLE',
    'The database does not deliver notifications on this connection. Set DATABASE_URL to a direct or session-mode connection; a transaction pooler (port 6543 at Supabase) drops LISTEN.',
  );
}
