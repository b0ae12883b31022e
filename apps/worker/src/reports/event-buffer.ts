import type { NewJobEvent } from '@gantry/core';

const FLUSH_MS = 100;
const BATCH = 100;
/** While so much waits, log lines and steps are left out: they come faster than they can be kept. */
const MAX_WAITING = 1_000;

/**
 * Gathers what an attempt reports and writes it in order, a batch at a time, one batch after the other. Of progress
 * reports in a row only the last is kept.
 */
export class EventBuffer {
  #waiting: NewJobEvent[] = [];
  #added = 0;
  #written = 0;
  #leftOut = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;
  readonly #write: (batch: NewJobEvent[]) => Promise<void>;
  readonly #onAdd: (event: NewJobEvent) => void;

  /**
   * @param write keeps a batch for good, however long the database is away; a throw ends the buffer
   * @param onAdd called with each event at once
   */
  constructor(
    write: (batch: NewJobEvent[]) => Promise<void>,
    onAdd: (event: NewJobEvent) => void = () => {},
  ) {
    this.#write = write;
    this.#onAdd = onAdd;
  }

  /** Adds an event; it is written soon. */
  add(event: NewJobEvent): void {
    if (this.#failure) return;
    this.#onAdd(event);
    const last = this.#waiting.length - 1;
    if (event.type === 'progress' && this.#waiting[last]?.type === 'progress') {
      this.#waiting[last] = event;
    } else if (this.#waiting.length >= MAX_WAITING && (event.type === 'log' || event.type === 'step')) {
      this.#leftOut += 1;
    } else {
      this.#waiting.push(event);
      this.#added += 1;
    }
    if (this.#waiting.length >= BATCH) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS);
  }

  /** Adds an event; resolves when it and all before it are written. Throws what `write` threw. */
  async addAndFlush(event: NewJobEvent): Promise<void> {
    this.add(event);
    await this.flush();
  }

  /** Resolves when all that was added so far is written. Throws what `write` threw. */
  async flush(): Promise<void> {
    const target = this.#added;
    while (this.#written < target && !this.#failure) await this.#writeNext();
    if (this.#failure) throw this.#failure.error;
  }

  #start(): void {
    // What goes wrong is kept, and thrown at the next flush.
    void this.flush().catch(() => {});
  }

  #writeNext(): Promise<void> {
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const batch = this.#waiting.splice(0, BATCH);
    const own = batch.length;
    if (this.#leftOut > 0) {
      const message = `${this.#leftOut} log lines and steps were left out: they came too fast.`;
      batch.push({ type: 'log', data: { level: 'warn', message } });
      this.#leftOut = 0;
    }
    try {
      await this.#write(batch);
      this.#written += own;
    } catch (error) {
      this.#failure = { error };
      this.#waiting = [];
    }
  }
}
