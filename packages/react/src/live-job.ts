import {
  isFinished,
  type JobEvent,
  type JobStatus,
  type JobStatusView,
  type RowResult,
  type StatusReason,
} from '@gantry/client';

/** A line of a job's log. */
export type LogEntry = { seq: number; createdAt: string } & Extract<JobEvent, { type: 'log' }>['data'];

/** A row with its answer, and when that came. */
export type LiveRow = RowResult & { seq: number; createdAt: string };

/** What a job did at some time; `rowIndex` if it was one row's work. */
export type Step = { seq: number; attempt: number; createdAt: string } & Extract<
  JobEvent,
  { type: 'step' }
>['data'];

/** A change of a job's state. */
export type StateChange = {
  seq: number;
  attempt: number;
  createdAt: string;
  to: JobStatus;
  cause: StatusReason;
  /** The cause in a few words. */
  reason: string;
  errorCode?: string;
  errorMessage?: string;
};

/** A file that a job made, as in its event. */
export type JobFile = Extract<JobEvent, { type: 'artifact' }>['data'];

/** A job with its whole history so far. */
export type LiveJob = {
  /** Null until it has been read. */
  job: JobStatusView | null;
  /** Answers by row index, in the order in which they came. */
  rows: ReadonlyMap<number, LiveRow>;
  logs: readonly LogEntry[];
  steps: readonly Step[];
  states: readonly StateChange[];
  /** Of several files of one name, the newest. */
  artifacts: readonly JobFile[];
  connection: 'live' | 'reconnecting' | 'offline';
  error: Error | null;
};

/** A job of which nothing is known yet. */
export const UNKNOWN_JOB: LiveJob = {
  job: null,
  rows: new Map(),
  logs: [],
  steps: [],
  states: [],
  artifacts: [],
  connection: 'reconnecting',
  error: null,
};

/** A page of 10,000 rows keeps its log readable and its memory small. */
const MAX_LOG_LINES = 2_000;

/** What is known after some more events. They come in order; what was known before is not changed. */
export function reduceJobEvents(live: LiveJob, events: readonly JobEvent[]): LiveJob {
  if (events.length === 0) return live;
  const rows = new Map(live.rows);
  const logs = [...live.logs];
  const steps = [...live.steps];
  const states = [...live.states];
  const artifacts = [...live.artifacts];
  let { job } = live;
  for (const event of events) {
    const { seq, attempt, createdAt } = event;
    if (event.type === 'row') rows.set(event.data.index, { seq, createdAt, ...event.data });
    else if (event.type === 'log') logs.push({ seq, createdAt, ...event.data });
    else if (event.type === 'step') steps.push({ seq, attempt, createdAt, ...event.data });
    else if (event.type === 'artifact') {
      const older = artifacts.findIndex((file) => file.name === event.data.name);
      if (older !== -1) artifacts.splice(older, 1);
      artifacts.push(event.data);
    } else if (event.type === 'state') states.push({ seq, attempt, createdAt, ...event.data });
    job = job && advance(job, event);
  }
  return { ...live, job, rows, logs: logs.slice(-MAX_LOG_LINES), steps, states, artifacts };
}

function advance(job: JobStatusView, event: JobEvent): JobStatusView {
  // A snapshot read later than this event happened knows it already.
  if (event.seq <= job.eventSeq) return job;
  const next = { ...job, eventSeq: event.seq, attempt: Math.max(job.attempt, event.attempt) };
  if (event.type === 'progress') return { ...next, progress: event.data };
  if (event.type === 'step') return { ...next, step: event.data.name };
  if (event.type !== 'state') return next;
  const { to, cause, reason, errorCode, errorMessage } = event.data;
  return {
    ...next,
    status: to,
    cause,
    statusReason: reason,
    error:
      errorCode !== undefined && errorMessage !== undefined
        ? { code: errorCode, message: errorMessage }
        : null,
    ...(to !== 'pending' && { blockedBy: 0 }),
    ...(to === 'processing' && {
      attemptsUsed: job.attemptsUsed + 1,
      queuePosition: 0,
      estimatedWaitTime: 0,
      estimatedWaitRange: { p50Ms: 0, p90Ms: 0 },
      wait: null,
      waitReason: null,
      startedAt: job.startedAt ?? event.createdAt,
    }),
    ...(isFinished(to) && {
      queuePosition: null,
      estimatedWaitTime: null,
      estimatedWaitRange: null,
      wait: null,
      waitReason: null,
      finishedAt: event.createdAt,
    }),
  };
}
