import type { BrowserFigures, EndedAttempt } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';

type AttemptRow = {
  attempt: number;
  outcome: EndedAttempt['outcome'];
  queue_wait_ms: number;
  run_ms: number;
  created_at: Date;
  browser_is_warm: boolean | null;
  browser_launch_ms: number;
  browser_hand_over_ms: number;
  browser_close_ms: number;
  /** As text, like all that has 64 bits. */
  browser_peak_memory_bytes: string | null;
  browser_cpu_ms: string | null;
  browser_bytes_received: string | null;
  browser_bytes_sent: string | null;
  browser_requests: number | null;
};

/** Lists the ended attempts of a job that the reader may see, in order. */
export async function listAttempts(db: Db, jobId: string): Promise<EndedAttempt[]> {
  const rows = await runQuery<AttemptRow>(db, {
    name: 'list-attempts',
    text: 'select * from public.job_execution_metrics where job_id = $1 order by attempt',
    values: [jobId],
  });
  return rows.map((row) => ({
    attempt: row.attempt,
    outcome: row.outcome,
    queueWaitMs: row.queue_wait_ms,
    runMs: row.run_ms,
    endedAt: row.created_at.toISOString(),
    browser: toFigures(row),
  }));
}

function toFigures(row: AttemptRow): BrowserFigures | null {
  if (row.browser_is_warm === null) return null;
  return {
    isWarm: row.browser_is_warm,
    launchMs: row.browser_launch_ms,
    handOverMs: row.browser_hand_over_ms,
    closeMs: row.browser_close_ms,
    peakMemoryBytes: toNumber(row.browser_peak_memory_bytes),
    cpuMs: toNumber(row.browser_cpu_ms),
    bytesReceived: toNumber(row.browser_bytes_received),
    bytesSent: toNumber(row.browser_bytes_sent),
    requests: row.browser_requests,
  };
}

function toNumber(text: string | null): number | null {
  return text === null ? null : Number(text);
}
