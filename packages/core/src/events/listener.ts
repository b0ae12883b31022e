import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';

import pg from 'pg';

import { toConnectionString } from '../db/connection-string.ts';
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
   * Called after each (re)connection, when the LISTENs are active: earlier events must now be read from the
   * tables. `client` may take session locks.
   */
  onConnected: (client: pg.Client) => Promise<void> | void;
  /** Called when the connection is lost, not when it is disposed of. */
  onDisconnected?: () => void;
};

const SELF_TEST = 'gantry_self_test';
const SELF_TEST_TIMEOUT_MS = 5_000;
const CHECK_INTERVAL_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;
const FIRST_BACKOFF_MS = 50;
// Below the grace that a worker without its session has, so that a restart of the database costs no attempt.
const MAX_BACKOFF_MS = 1_000;

/** One connection that listens, and comes back when it is lost. Notifications are hints: some may never arrive. */
export class Listener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  #isConnected = false;
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
    const { ended } = await listener.#connect({ isFirst: true });
    listener.#running = listener.#stayConnected(ended);
    return listener;
  }

  /** Whether it is connected. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #stayConnected(firstEnded: Promise<void>): Promise<void> {
    await firstEnded;
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.#stop.signal.aborted) {
      await pause(backoffMs * (0.5 + Math.random() / 2), this.#stop.signal);
      try {
        const { ended } = await this.#connect({ isFirst: false });
        backoffMs = FIRST_BACKOFF_MS;
        await ended;
      } catch {
        backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
      }
    }
  }

  /** Connects; `ended` resolves when the connection is gone and closed. */
  async #connect({ isFirst }: { isFirst: boolean }): Promise<{ ended: Promise<void> }> {
    const { databaseUrl, applicationName, channels, onNotification, onConnected, onDisconnected } =
      this.#options;
    this.#stop.signal.throwIfAborted();
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: toConnectionString(databaseUrl),
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      keepAlive: true,
      stream: () => socket,
    });
    const lost = Promise.withResolvers<void>();
    client.on('error', () => lost.resolve());
    client.on('end', () => lost.resolve());
    const stopped = Promise.withResolvers<never>();
    const onStop = () => void close(client, socket).then(() => stopped.reject(this.#stop.signal.reason));
    this.#stop.signal.addEventListener('abort', onStop);
    const ticket = randomUUID();
    const arrived = new AbortController();
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel !== SELF_TEST) onNotification(channel, payload);
      else if (payload === ticket) arrived.abort();
    });
    try {
      // A client that is ended while it connects never settles the promise of its connection.
      await Promise.race([client.connect(), stopped.promise]);
      await client.query('set role service_role');
      for (const channel of [SELF_TEST, ...channels])
        await client.query(`listen ${client.escapeIdentifier(channel)}`);
      if (isFirst) {
        await client.query('select pg_notify($1, $2)', [SELF_TEST, ticket]);
        await pause(SELF_TEST_TIMEOUT_MS, arrived.signal);
        if (!arrived.signal.aborted) refuse();
      }
      await onConnected(client);
    } catch (error) {
      this.#stop.signal.removeEventListener('abort', onStop);
      await close(client, socket);
      throw error;
    }
    this.#isConnected = true;
    // A half-open connection says nothing by itself; the query's time-out does.
    const check = setInterval(() => {
      client.query('select 1').catch(() => lost.resolve());
    }, CHECK_INTERVAL_MS);
    return {
      ended: lost.promise.then(async () => {
        this.#isConnected = false;
        clearInterval(check);
        this.#stop.signal.removeEventListener('abort', onStop);
        await close(client, socket);
        if (!this.#stop.signal.aborted) onDisconnected?.();
      }),
    };
  }
}

/** Closes the connection, or cuts it if the server does not answer. */
async function close(client: pg.Client, socket: Socket): Promise<void> {
  const cut = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
  await client.end().catch(() => {});
  clearTimeout(cut);
  socket.destroy();
}

function refuse(): never {
  throw new GantryError(
    'LISTEN_UNAVAILABLE',
    'The database does not deliver notifications on this connection. Set DATABASE_URL to a direct or session-mode connection; a transaction pooler (port 6543 at Supabase) drops LISTEN.',
  );
}
