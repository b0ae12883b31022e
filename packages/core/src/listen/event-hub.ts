import type { Job } from '../job.ts';
import type { JobEvent } from '../job-event.ts';
import { DEFAULTS } from '../settings.ts';
import { Listener } from './listener.ts';

/** A job and its next events after a number. Null: the job is gone, or is nothing that the reader may see. */
export type ReadEvents = (afterSeq: number) => Promise<{ job: Job; events: JobEvent[] } | null>;

/** What is watched of a job in this process. */
type Watched = {
  watchers: Set<() => void>;
  /** Reads under way, by the number after which they read. A hint makes room for new ones. */
  reads: Map<number, ReturnType<ReadEvents>>;
  poll: NodeJS.Timeout;
};

/** A place among the watchers of a job. */
export type Watch = Disposable & {
  /**
   * Reads what comes after a number, once for all watchers that stand at that number. What it returns was read after
   * the last hint.
   */
  share(afterSeq: number, read: ReadEvents): ReturnType<ReadEvents>;
};

/** How a hub hears. */
export type HubOptions = {
  databaseUrl: string;
  applicationName: string;
  /** The net under the hints: so often watchers look without one. */
  pollIntervalMs?: number;
};

/** Tells watchers in this process that something happened to a job, from one connection for all of them. */
export class EventHub implements AsyncDisposable {
  readonly #watched = new Map<string, Watched>();
  readonly #pollIntervalMs: number;
  #listener: Listener | null = null;

  constructor(o: { pollIntervalMs?: number } = {}) {
    this.#pollIntervalMs = o.pollIntervalMs ?? DEFAULTS.pollIntervalMs;
  }

  /** Starts listening. @throws {GantryError} LISTEN_UNAVAILABLE */
  static async start({ databaseUrl, applicationName, ...o }: HubOptions): Promise<EventHub> {
    const hub = new EventHub(o);
    hub.#listener = await Listener.start({
      databaseUrl,
      applicationName,
      channels: ['gantry_events'],
      onNotification: (_channel, jobIds) => {
        for (const jobId of jobIds.split(',')) hub.#wake(jobId);
      },
      // What was said while nobody listened is in the table: everybody looks.
      onConnected: () => hub.#wakeAll(),
    });
    return hub;
  }

  /** Whether hints arrive; without them watchers live on polling. */
  get isConnected(): boolean {
    return this.#listener?.isConnected ?? false;
  }

  /** How many watchers there are. */
  get watcherCount(): number {
    let count = 0;
    for (const { watchers } of this.#watched.values()) count += watchers.size;
    return count;
  }

  /** Calls back at each hint about a job until the watch is disposed of. */
  watch(jobId: string, onHint: () => void): Watch {
    const watched = this.#watched.get(jobId) ?? this.#startWatching(jobId);
    watched.watchers.add(onHint);
    return {
      share: (afterSeq, read) => share(watched.reads, afterSeq, read),
      [Symbol.dispose]: () => {
        watched.watchers.delete(onHint);
        if (watched.watchers.size > 0 || this.#watched.get(jobId) !== watched) return;
        clearInterval(watched.poll);
        this.#watched.delete(jobId);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
  }

  #startWatching(jobId: string): Watched {
    const poll = setInterval(() => this.#wake(jobId), this.#pollIntervalMs);
    const watched = { watchers: new Set<() => void>(), reads: new Map(), poll };
    this.#watched.set(jobId, watched);
    return watched;
  }

  #wake(jobId: string): void {
    const watched = this.#watched.get(jobId);
    if (!watched) return;
    // A read that began before the hint may have missed what the hint is about.
    watched.reads.clear();
    for (const onHint of watched.watchers) onHint();
  }

  #wakeAll(): void {
    for (const jobId of this.#watched.keys()) this.#wake(jobId);
  }
}

function share(reads: Watched['reads'], afterSeq: number, read: ReadEvents): ReturnType<ReadEvents> {
  const shared = reads.get(afterSeq);
  if (shared) return shared;
  const reading = read(afterSeq).finally(() => {
    if (reads.get(afterSeq) === reading) reads.delete(afterSeq);
  });
  reads.set(afterSeq, reading);
  return reading;
}
