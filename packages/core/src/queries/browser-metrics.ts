import { type Db, runQuery } from '../run-query.ts';
import type { AttemptRef } from './heartbeat.ts';

/** What the browser of an attempt cost, all of it. */
export type BrowserFigures = {
  /** It had been launched before there was a job for it. */
  isSpare: boolean;
  /** The launch of its process; of a spare before there was a job. */
  launchMs: number;
  /** From the wish for a browser until the attempt had it. */
  handOverMs: number;
  /** Until its processes and its directory were gone. */
  closeMs: number;
  /** The most that its processes used at one time; null, like what follows, of a browser on another machine. */
  peakMemoryBytes: number | null;
  /** Of one core, by all its processes. */
  cpuMs: number | null;
  bytesReceived: number | null;
  bytesSent: number | null;
  /** Plain requests, and secure connections: what passes inside of those cannot be told apart. */
  requests: number | null;
};

/** Adds what the browser of an ended attempt cost to the metrics of that attempt; the first word counts. */
export async function recordBrowserMetrics(db: Db, o: AttemptRef & BrowserFigures): Promise<void> {
  await runQuery(db, {
    name: 'record-browser-metrics',
    text: 'select gantry.record_browser_metrics($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    values: [
      o.jobId,
      o.attempt,
      o.isSpare,
      o.launchMs,
      o.handOverMs,
      o.closeMs,
      o.peakMemoryBytes,
      o.cpuMs,
      o.bytesReceived,
      o.bytesSent,
      o.requests,
    ],
  });
}
