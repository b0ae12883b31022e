import type { JobStatus } from '@gantry/contract';
import type { History, HistoryEvent, HistoryJob } from './history.ts';

/** Something that must never be, by the number of its invariant. */
export type Violation = { invariant: string; jobId?: string; detail: string };

const LEGAL = new Set([
  'pending>processing',
  'pending>cancelled',
  'pending>failed',
  'processing>completed',
  'processing>failed',
  'processing>cancelled',
  'processing>pending',
  'failed>pending',
]);

/** What may be said of an attempt that ended so. */
const OUTCOMES: Partial<Record<JobStatus, string[]>> = {
  completed: ['completed'],
  failed: ['failed', 'lost'],
  cancelled: ['cancelled'],
  pending: ['retry', 'released', 'lost'],
};

/** Checks the events of one job, in order, and what is told of its attempts. */
export function checkJob(
  job: HistoryJob,
  events: HistoryEvent[],
  { attempts, artifacts }: Pick<History, 'attempts' | 'artifacts'>,
): Violation[] {
  const found: Violation[] = [];
  const need = (isRight: boolean, invariant: string, detail: string) => {
    if (!isRight) found.push({ invariant, jobId: job.id, detail });
  };
  let status: JobStatus | undefined;
  let attempt = 0;
  let ends = 0;
  for (const [index, event] of events.entries()) {
    need(event.seq === index + 1, 'I4', `event ${event.seq} stands at place ${index + 1}`);
    if (event.type !== 'state') {
      need(status === 'processing', 'I5', `a ${event.type} of a job that is ${status}`);
      need(event.attempt === attempt, 'I7', `a ${event.type} of attempt ${event.attempt} in ${attempt}`);
      continue;
    }
    const { from, to } = event;
    need(from === status, 'I4', `it was ${status}, and goes from ${from} to ${to}`);
    if (from)
      need(
        LEGAL.has(`${from}>${to}`),
        from === 'failed' ? 'I5' : isEnd(from) ? 'I5' : 'I4',
        `${from} to ${to}`,
      );
    if (to === 'processing') {
      need(status !== 'processing', 'I6', `attempt ${event.attempt} begins while ${attempt} runs`);
      need(event.attempt > attempt, 'I7', `attempt ${event.attempt} follows ${attempt}`);
    }
    if (from === 'processing' && to) {
      ends += 1;
      const told = attempts.filter((a) => a.attempt === event.attempt).map(({ outcome }) => outcome);
      const fits = told.length === 1 && OUTCOMES[to]?.includes(told[0] ?? '');
      need(
        fits === true,
        to === 'completed' ? 'I12' : 'I11',
        `attempt ${event.attempt} ended ${to}, told: ${told.join()}`,
      );
    }
    attempt = event.attempt;
    status = to;
  }
  need(status === job.status, 'I4', `the row says ${job.status}, the events ${status}`);
  need(attempt === job.attempt, 'I7', `the row says attempt ${job.attempt}, the events ${attempt}`);
  need(attempts.length === ends, 'I11', `${ends} attempts ended, ${attempts.length} are told of`);
  need(job.attemptsUsed <= job.maxAttempts, 'I10', `${job.attemptsUsed} attempts of ${job.maxAttempts} used`);
  const burned = attempts.filter(({ outcome }) => outcome !== 'released').length;
  const running = job.status === 'processing' ? 1 : 0;
  need(
    job.attemptsUsed <= burned + running,
    'I10',
    `${job.attemptsUsed} used, ${burned} were not given back`,
  );
  const told = events.flatMap(({ artifactId, attempt: n }) => (artifactId ? [`${artifactId}/${n}`] : []));
  const kept = artifacts.map(({ id, attempt: n }) => `${id}/${n}`);
  need(
    told.toSorted().join() === kept.toSorted().join(),
    'I12',
    `files ${kept.join()}, told: ${told.join()}`,
  );
  return found;
}

const isEnd = (status: JobStatus) => status === 'completed' || status === 'failed' || status === 'cancelled';
