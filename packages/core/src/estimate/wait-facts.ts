/** How many jobs of which service: `{ 'ctg-port-tracking': 3 }`. */
export type JobsByService = { [serviceId: string]: number };

/** An attempt that runs. */
export type RunningAttempt = {
  serviceId: string;
  isOwnQueue: boolean;
  elapsedMs: number;
  /** The part of its work that is done, from 0 to 1, by its own report; null when that says nothing of its pace. */
  done: number | null;
};

/** What the database knows of the wait of a pending job. Durations in milliseconds. */
export type WaitFacts = {
  /** Until the job may start at the earliest. */
  dueInMs: number;
  /** There are more jobs ahead than were counted. */
  isBound: boolean;
  /** Jobs of the queue that may run at once; null for no limit. */
  limit: number | null;
  /** Jobs that the live workers of the service run at once, all together. */
  slots: number;
  /** What runs in the queue, or elsewhere on these workers. */
  running: RunningAttempt[];
  /** Attempts that have ended and still count against the limit: how long at most. */
  lingeringMs: number[];
  /** Jobs that go first in the queue. Services that the workers do not run are no matter here. */
  ahead: JobsByService;
  /** Jobs in other queues whose turn on the same workers comes first. */
  elsewhere: { limit: number | null; ahead: JobsByService }[];
  /** The newest attempts of each service that matters, and how long one may take. */
  services: { [serviceId: string]: { timeoutMs: number; runMs: number[] } };
};
