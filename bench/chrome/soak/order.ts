import type { Site } from '../lab.ts';

/** What the worker's process is told. */
export type SoakOrder = Site & {
  databaseUrl: string;
  /** Where files are kept. */
  storageDir: string;
  /** Jobs at a time. */
  concurrency: number;
  /** Browsers launched ahead. */
  warmBrowsers: number;
};

/** What the worker's process answers when it is asked, after a garbage collection. In bytes. */
export type WorkerMemory = { heap: number; resident: number };

/** The queue of both services. */
export const QUEUE = 'soak';
/** The service of most jobs, and the one of jobs that only their deadline ends. */
export const SERVICES = { plain: 'soak', short: 'soak-short' } as const;
/** The deadline of the latter. */
export const SHORT_TIMEOUT_MS = 4_000;
