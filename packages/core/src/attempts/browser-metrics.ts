import type { BrowserFigures } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';
import type { AttemptRef } from './heartbeat.ts';

/** Adds what the browser of an ended attempt cost to the metrics of that attempt; the first word counts. */
export async function recordBrowserMetrics(db: Db, o: AttemptRef & BrowserFigures): Promise<void> {
  await runQuery(db, {
    name: 'record-browser-metrics',
    text: 'select gantry.record_browser_metrics($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    values: [
      o.jobId,
      o.attempt,
      o.isWarm,
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
