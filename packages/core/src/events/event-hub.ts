import type { Job, JobEvent } from '@gantry/contract';
import type { Db } from '../db/run-query.ts';
import { DEFAULTS } from '../settings.ts';
import { findMovedJobs } from './find-moved-jobs.ts';
import { Gate } from './gate.ts';
import { Listener } from './listener.ts';

/** A job and its next events after a number. Null: the job is gone, or is nothing that the reader may see. */
export type ReadEvents = (afterSeq: number) => Promise<{ job: Job; events: JobEvent[] } | null>;

/** `standsAt`: the last event that it has, while it waits for more. */
type Watcher = { standsAt: number; onHint: () => void };

type Reading = { hasBegun: boolean; found: ReturnType<ReadEvents> };

/** What is watched of a job in this process. */
type Watched = {
  watchers: Set<Watcher>;
  /** Reads that are wanted or under way, by the number after which they read. */
  reads: Map<number, Reading>;
};

/** A place among the watchers of a job. */
export type Watch = Disposable & {
  /** Reads what comes after a number for this watcher alone, when its turn has come. */
  read(afterSeq: number, read: ReadEvents): ReturnType<ReadEvents>;
  /**
   * Reads what comes after a number, once for all watchers at that number. What it returns was read after
   * the last hint.
   */
  share(afterSeq: number, read: ReadEvents): ReturnType<ReadEvents>;
  /** Says that the watcher waits, and which event is the last that it has: it gets later ones, also without a notification. */
  standAt(seq: number): void;
};

/** How a hub hears. */
export type HubOptions = {
  databaseUrl: string;
  applicationName: string;
  /** Fallback poll for missed notifications. */
  db: Db;
  /** The net under the hints: so often the hub looks without one. */
  pollIntervalMs?: number;
};

// The number of a watcher that waits for nothing.
const READING = Number.POSITIVE_INFINITY;
// A storm of watchers, such as after a restart, leaves connections for everybody else.
const READS_AT_A_TIME = 4;

/** Tells watchers in this process that something happened to a job, from one connection for all of them. */
export class EventHub implements AsyncDisposable {
  readonly #watched = new Map<string, Watched>();
  readonly #gate = new Gate(READS_AT_A_TIME);
  readonly #db: Db;
  readonly #poll: NodeJS.Timeout;
  #isLooking = false;
  #isLookWanted = false;
  #listener: Listener | null = null;

  /** A hub that hears nothing: its watchers live on polling. */
  constructor({ db, pollIntervalMs = DEFAULTS.pollIntervalMs }: Pick<HubOptions, 'db' | 'pollIntervalMs'>) {
    this.#db = db;
    this.#poll = setInterval(() => void this.#look(), pollIntervalMs);
  }

  /** Starts listening. @throws {GantryError} LISTEN_UNAVAILABLE */
  static async start({ databaseUrl, applicationName, ...o }: HubOptions): Promise<EventHub> {
    const hub = new EventHub(o);
    try {
      hub.#listener = await Listener.start({
        databaseUrl,
        applicationName,
        channels: ['gantry_events'],
        onNotification: (_channel, jobIds) => {
          for (const jobId of jobIds.split(',')) hub.#wake(jobId);
        },
        onConnected: () => hub.#catchUp(),
      });
    } catch (error) {
      await hub[Symbol.asyncDispose]();
      throw error;
    }
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
    const watched: Watched = this.#watched.get(jobId) ?? { watchers: new Set(), reads: new Map() };
    const watcher = { standsAt: READING, onHint };
    this.#watched.set(jobId, watched);
    watched.watchers.add(watcher);
    return {
      read: (afterSeq, read) => this.#gate.run(() => read(afterSeq)),
      share: (afterSeq, read) => this.#share(watched, afterSeq, read),
      standAt(seq) {
        watcher.standsAt = seq;
      },
      [Symbol.dispose]: () => {
        watched.watchers.delete(watcher);
        if (watched.watchers.size === 0 && this.#watched.get(jobId) === watched) this.#watched.delete(jobId);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll);
    await this.#listener?.[Symbol.asyncDispose]();
  }

  #share({ reads }: Watched, afterSeq: number, read: ReadEvents): ReturnType<ReadEvents> {
    const shared = reads.get(afterSeq);
    if (shared) return shared.found;
    const reading: Reading = { hasBegun: false, found: Promise.resolve(null) };
    const begin = () => {
      reading.hasBegun = true;
      return read(afterSeq);
    };
    reading.found = this.#gate.run(begin).finally(() => {
      if (reads.get(afterSeq) === reading) reads.delete(afterSeq);
    });
    reads.set(afterSeq, reading);
    return reading.found;
  }

  #wake(jobId: string): void {
    const watched = this.#watched.get(jobId);
    if (!watched) return;
    // A read that began before the hint may have missed what the hint is about.
    for (const [seq, { hasBegun }] of watched.reads) if (hasBegun) watched.reads.delete(seq);
    for (const watcher of watched.watchers) {
      watcher.standsAt = READING;
      watcher.onHint();
    }
  }

  /** Notifications may have been missed: waiting watchers are checked, and running reads are repeated. */
  #catchUp(): void {
    for (const [jobId, { watchers }] of this.#watched) {
      if ([...watchers].some(({ standsAt }) => standsAt === READING)) this.#wake(jobId);
    }
    void this.#look();
  }

  /** Polls for missed notifications, and wakes the watchers concerned. */
  async #look(): Promise<void> {
    this.#isLookWanted = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    // What began before a line was made again may have missed what was said meanwhile: then it looks once more.
    while (this.#isLookWanted && this.#watched.size > 0) {
      this.#isLookWanted = false;
      // When the database is away, the next look finds what there is.
      const moved = await findMovedJobs(this.#db, this.#places()).catch(() => []);
      for (const jobId of moved) this.#wake(jobId);
    }
    this.#isLooking = false;
  }

  /** For each watched job, the last number of the watcher that is furthest behind. */
  #places(): { jobId: string; seq: number }[] {
    const places = Array.from(this.#watched, ([jobId, { watchers }]) => {
      let seq = READING;
      for (const { standsAt } of watchers) seq = Math.min(seq, standsAt);
      return { jobId, seq };
    });
    return places.filter(({ seq }) => seq !== READING);
  }
}
