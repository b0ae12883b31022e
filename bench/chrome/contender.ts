import type { BrowserBinary } from '@gantry/chrome';
import type { Page } from 'puppeteer-core';

/** What a contender runs in. */
export type Place = {
  /** The same program for all. */
  binary: BrowserBinary;
  /** Where its browsers may have their directories. */
  rootDir: string;
  /** Origin of the site that is visited. */
  origin: string;
  /** Jobs at a time. */
  concurrency: number;
};

/** A job: a page is loaded, then worked in. */
export type PageJob = {
  url: string;
  work: (page: Page) => Promise<void>;
};

/** A way of giving jobs a browser. */
export type Contender = {
  name: string;
  open(place: Place): Promise<OpenContender>;
};

/** A contender at work in a process of its own. */
export type OpenContender = AsyncDisposable & {
  /** Runs a job so many times, as many at a time as it may; resolves when every place is free again. */
  runAll(count: number, job: PageJob): Promise<void>;
  /** Runs a job at once; resolves when its place is free again. Missing where jobs wait for the next look at a queue. */
  runOne?(job: PageJob): Promise<void>;
  /** Resolves when the next job finds all that is made ready ahead. */
  rest?(): Promise<void>;
};
