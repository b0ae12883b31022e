import { appendEvents, GantryError, LeaseLostError, type NewJobEvent, pause } from '@gantry/core';

import type { WorkerDeps } from './worker-deps.ts';

const FLUSH_MS = 100;
const FULL = 100;
const RETRY_MS = 500;

/**
 * Gathers what an attempt reports and writes it in order, a batch at a time. Of several progress reports in a batch
 * only the last is kept: nobody misses those between.
 */
export class EventBuffer {
  #events: NewJobEvent[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  readonly #pool: WorkerDeps['pool'];
  readonly #attempt: { jobId: string; attempt: number };
  readonly #signal: AbortSignal;
  readonly #onLeaseLost: (error: LeaseLostError) => void;

  constructor(o: {
    pool: WorkerDeps['pool'];
    attempt: { jobId: string; attempt: number };
    /** Ends the waiting for a database that is away. */
    signal: AbortSignal;
    onLeaseLost: (error: LeaseLostError) => void;
  }) {
    this.#pool = o.pool;
    this.#attempt = o.attempt;
    this.#signal = o.signal;
    this.#onLeaseLost = o.onLeaseLost;
  }

  /** Adds an event; it is written soon. */
  add(event: NewJobEvent): void {
    const last = this.#events.at(-1);
    if (event.type === 'progress' && last?.type === 'progress') this.#events.pop();
    this.#events.push(event);
    if (this.#events.length >= FULL) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS);
  }

  /** Adds an event; resolves when it and all before it are written. @throws {LeaseLostError} */
  async addAndFlush(event: NewJobEvent): Promise<void> {
    this.add(event);
    await this.flush();
  }

  /** Resolves when all that was added is written. @throws {LeaseLostError} */
  async flush(): Promise<void> {
    this.#start();
    await this.#writing;
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#events.length === 0) return;
    const batch = this.#events;
    this.#events = [];
    this.#writing = this.#writing.then(() => this.#write(batch));
    // Whoever flushes hears of it; for the timer's own writes the run is ended instead.
    this.#writing.catch((error: unknown) => {
      if (error instanceof LeaseLostError) this.#onLeaseLost(error);
    });
  }

  async #write(events: NewJobEvent[]): Promise<void> {
    for (;;) {
      try {
        await appendEvents(this.#pool, { ...this.#attempt, events });
        return;
      } catch (error) {
        // A database that is away comes back, or the lease ends and with it this run.
        if (!(error instanceof GantryError && error.code === 'DATABASE_UNAVAILABLE') || this.#signal.aborted)
          throw error;
        await pause(RETRY_MS, this.#signal);
      }
    }
  }
}
