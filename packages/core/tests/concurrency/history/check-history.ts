import { checkJob, type Violation } from './check-job.ts';
import type { History, HistoryEvent, HistoryJob, Witness } from './history.ts';

/** What was promised about this queue. */
export type Promises = {
  /** How many jobs of a queue run at once; a queue that is not named has no limit. */
  limits?: Record<string, number>;
  /** How many jobs a worker runs at once. */
  workerSlots?: number;
  /** One worker claimed one job at a time and none was put off: then the order is exactly that of the ranks. */
  isStrictlyOrdered?: boolean;
  /** Everything has been waited for: every job must have ended. */
  isQuiet?: boolean;
};

/**
 * Checks what the queue says happened against what must always hold (I1 to I7, I10 to I12, I14 to I16), and against
 * what those say who used it. Returns everything that is wrong.
 */
export function checkHistory(history: History, witness: Witness, promises: Promises = {}): Violation[] {
  const events = Map.groupBy(history.events, ({ jobId }) => jobId);
  const attempts = Map.groupBy(history.attempts, ({ jobId }) => jobId);
  const artifacts = Map.groupBy(history.artifacts, ({ jobId }) => jobId);
  return [
    ...history.jobs.flatMap((job) =>
      checkJob(job, events.get(job.id) ?? [], {
        attempts: attempts.get(job.id) ?? [],
        artifacts: artifacts.get(job.id) ?? [],
      }),
    ),
    ...checkSubmissions(history, witness, promises),
    ...checkCancels(history, witness),
    ...checkRunning(history, promises),
    ...(promises.isStrictlyOrdered ? checkOrder(history) : []),
  ];
}

function checkSubmissions({ jobs }: History, witness: Witness, promises: Promises): Violation[] {
  const found: Violation[] = [];
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const { jobId, userId, key } of witness.submitted) {
    const job = byId.get(jobId);
    if (!job) found.push({ invariant: 'I1', jobId, detail: 'submitted, and not there' });
    else if (job.userId !== userId || (key && job.idempotencyKey !== key))
      found.push({ invariant: 'I3', jobId, detail: `it was submitted by ${userId} under ${key}` });
  }
  if (promises.isQuiet)
    for (const { id, status } of jobs)
      if (status === 'pending' || status === 'processing')
        found.push({ invariant: 'I1', jobId: id, detail: `still ${status}` });
  const known = new Set(witness.submitted.map(({ jobId }) => jobId));
  if (!witness.mayHaveMore)
    for (const { id } of jobs)
      if (!known.has(id)) found.push({ invariant: 'I2', jobId: id, detail: 'nobody submitted it' });
  const keyed = jobs.filter(({ idempotencyKey }) => idempotencyKey !== null);
  for (const [key, same] of Map.groupBy(keyed, ({ userId, idempotencyKey }) => `${userId}/${idempotencyKey}`))
    if (same.length > 1) found.push({ invariant: 'I3', detail: `${same.length} jobs under the key ${key}` });
  return found;
}

function checkCancels({ jobs }: History, { cancels }: Witness): Violation[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return cancels.flatMap(({ jobId, answer }) => {
    const status = byId.get(jobId)?.status;
    const isRight =
      answer === 'cancelled' ? status === 'cancelled' : status === 'completed' || status === 'failed';
    return isRight ? [] : [{ invariant: 'I14', jobId, detail: `answered "${answer}", and it is ${status}` }];
  });
}

/** Walks through all beginnings and ends in the order of their times, and counts what runs. */
function checkRunning(
  { events, jobs, attempts }: History,
  { limits = {}, workerSlots }: Promises,
): Violation[] {
  const found: Violation[] = [];
  const queueOf = new Map(jobs.map(({ id, queue }) => [id, queue]));
  const workerOf = new Map(attempts.map(({ jobId, attempt, workerId }) => [`${jobId}/${attempt}`, workerId]));
  const running = new Map<string, number>();
  const count = (what: string, by: number, most: number | undefined, event: HistoryEvent) => {
    const now = (running.get(what) ?? 0) + by;
    running.set(what, now);
    if (by > 0 && most !== undefined && now > most)
      found.push({
        invariant: 'I16',
        jobId: event.jobId,
        detail: `${now} run at once in ${what}, not ${most}`,
      });
  };
  const changes = events
    .filter(({ from, to }) => (from === 'processing') !== (to === 'processing'))
    .toSorted((a, b) => a.at - b.at || Number(a.to === 'processing') - Number(b.to === 'processing'));
  for (const event of changes) {
    const by = event.to === 'processing' ? 1 : -1;
    const queue = queueOf.get(event.jobId) ?? '';
    count(`the queue ${queue}`, by, limits[queue], event);
    const worker = workerOf.get(`${event.jobId}/${event.attempt}`);
    if (worker) count(`the worker ${worker}`, by, workerSlots, event);
  }
  return found;
}

/** Whoever was claimed had the lowest rank of all that waited then. */
function checkOrder({ events, jobs }: History): Violation[] {
  const found: Violation[] = [];
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const waiting = new Map<string, HistoryJob>();
  for (const { jobId, to, type } of events.toSorted((a, b) => a.at - b.at)) {
    const job = byId.get(jobId);
    if (!job || type !== 'state') continue;
    if (to === 'processing') {
      const earlier = [...waiting.values()].filter(
        ({ rank, queue }) => queue === job.queue && rank < job.rank,
      );
      if (earlier.length > 0)
        found.push({
          invariant: 'I15',
          jobId,
          detail: `claimed before ${earlier.map(({ id }) => id).join()}`,
        });
    }
    if (to === 'pending') waiting.set(jobId, job);
    else waiting.delete(jobId);
  }
  return found;
}
