/** A queue under measurement. Every job carries `{ n }`, does nothing, and is durably stored before it counts. */
export type Contender = {
  name: string;
  /** What is measured of it: all that it can do by default. */
  measures?: string[];
  /** Makes tables, a queue to measure in and whatever belongs to it. Runs once in a fresh database. */
  prepare(urls: DatabaseUrls): Promise<void>;
  open(urls: DatabaseUrls): Promise<OpenQueue>;
  /** SQL for a million jobs for tomorrow and a million finished ones, for a contender that is measured beside them. */
  fill?: (million: number) => string[];
  /** SQL for a million jobs of a thousand users that are all ready, for a queue that tells each its place. */
  fillReady?: (million: number) => string[];
  /** SQL that leaves nothing of earlier measurements. */
  clear: string[];
};

/** How to reach a contender's database: as an app would, and as the owner of the accounts. */
export type DatabaseUrls = { app: string; auth: string };

/** A contender at work in a process of its own. */
export type OpenQueue = AsyncDisposable & {
  /** Submits one job; ten callers do so at the same time. */
  submit(n: number): Promise<void>;
  /** Submits many in one call. */
  submitMany(ns: number[]): Promise<void>;
  /** Works off all that is ready; resolves when every job is durably finished. */
  drain(count: number): Promise<void>;
  /** Waits for jobs, and says when the handler of each starts. */
  work(onStart: (n: number) => void): Promise<AsyncDisposable>;
  /** Has a worker there, and tells place and wait of pending jobs here and there in the queue; returns the times. */
  estimate?(count: number): Promise<number[]>;
};

/** Callers and handlers at a time, where the name of a contender says no other number. */
export const CONCURRENCY = 10;
