import {
  ERRORS,
  type ErrorCode,
  type JsonValue,
  type Overlap,
  type ScheduleOccurrence,
} from '@gantry/contract';
import type pg from 'pg';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { withTransaction } from '../db/with-user.ts';
import { GantryError } from '../errors.ts';
import { type SubmitOptions, submitJob } from '../submissions/submit-job.ts';
import { type CronRule, nextTimes } from './next-times.ts';

/** What came of an occurrence: the job, or why there is none. */
export type Fired = Pick<ScheduleOccurrence, 'occursAt' | 'outcome' | 'reason' | 'jobId'> & {
  scheduleId: string;
};

type Due = CronRule & {
  id: string;
  userId: string;
  serviceId: string;
  input: JsonValue;
  uploadId: string | null;
  priority: number;
  tags: string[] | null;
  overlap: Overlap;
  occursAt: Date;
  now: Date;
  wasFired: boolean;
  hasUnfinishedJob: boolean;
  isAccountOpen: boolean;
};

type Outcome = Pick<ScheduleOccurrence, 'outcome' | 'reason' | 'jobId'>;

// A bound, so that a process that is about to end does not continue for long.
const MAX_AT_ONCE = 200;
const OCCURRENCES_KEPT = 100;

const SKIPPED: Outcome = {
  outcome: 'skipped',
  reason: reasonOf('PREVIOUS_UNFINISHED'),
  jobId: null,
};

/**
 * Occurrences the schedules that are due by the database's clock, each in a transaction of its own: the occurrence, its job and the
 * next time are there together or not at all. Safe to run anywhere and at the same time. A schedule that was due several
 * times while no process ran fires once, for the first of these times, and then at its next one from now on.
 *
 * @throws {GantryError} DATABASE_UNAVAILABLE
 * @throws {AggregateError} of what is not understood; it kept no other schedule from firing
 */
export async function fireDueSchedules(pool: pg.Pool, o: SubmitOptions = {}): Promise<Fired[]> {
  const fired: Fired[] = [];
  const errors: unknown[] = [];
  const broken: string[] = [];
  while (fired.length < MAX_AT_ONCE) {
    const held = { scheduleId: '' };
    try {
      const one = await withTransaction(pool, async (db) => {
        const due = await lockDue(db, broken);
        if (!due) return null;
        held.scheduleId = due.id;
        return fire(db, due, o);
      });
      if (!one) break;
      fired.push(...one);
    } catch (error) {
      if (held.scheduleId === '' || isPassing(error)) throw error;
      errors.push(error);
      broken.push(held.scheduleId);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `Schedules that cannot fire: ${broken.join(', ')}`);
  return fired;
}

/** Milliseconds until the next schedule is due, by the database's clock; null when none ever is. */
export async function untilNextOccurrenceMs(db: Db): Promise<number | null> {
  const { ms } = await runForOne<{ ms: number | null }>(db, {
    name: 'until-next-occurrence',
    text: `select (extract(epoch from min(next_occurrence_at) - gantry.clock()) * 1000)::float8 as ms
      from public.automation_schedules`,
  });
  return ms;
}

async function lockDue(db: Db, broken: string[]): Promise<Due | null> {
  const [due] = await runQuery<Due>(db, {
    name: 'hold-due-schedule',
    text: `select s.id, s.user_id as "userId", s.service_id as "serviceId", s.input, s.upload_id as "uploadId", s.priority,
        s.tags, s.cron, s.time_zone as "timeZone", s.overlap, s.next_occurrence_at as "occursAt", gantry.clock() as now,
        exists (select from public.automation_schedule_occurrences f
          where f.schedule_id = s.id and f.occurs_at = s.next_occurrence_at) as "wasFired",
        exists (select from public.automation_jobs j where j.unfinished_schedule_id = s.id) as "hasUnfinishedJob",
        gantry.is_account_open(s.user_id) as "isAccountOpen"
      from public.automation_schedules s
      where s.next_occurrence_at <= gantry.clock() and s.id <> all ($1)
      order by s.next_occurrence_at limit 1 for no key update skip locked`,
    values: [broken],
  });
  return due ?? null;
}

async function fire(db: Db, due: Due, o: SubmitOptions): Promise<Fired[]> {
  const next = findNext(due);
  await runQuery(db, {
    text: 'update public.automation_schedules set next_occurrence_at = $2, is_paused = $2::timestamptz is null where id = $1',
    values: [due.id, next instanceof GantryError ? null : next],
  });
  // The clock was put back and the schedule resumed: its next time was one that it has had.
  if (due.wasFired) return [];
  const outcome = next instanceof GantryError ? refused(next.code) : await submit(db, due, o);
  await record(db, due, outcome);
  return [{ scheduleId: due.id, occursAt: due.occursAt.toISOString(), ...outcome }];
}

async function record(db: Db, due: Due, { outcome, reason, jobId }: Outcome): Promise<void> {
  await runQuery(db, {
    text: `insert into public.automation_schedule_occurrences
        (schedule_id, occurs_at, outcome, reason_code, job_id, created_at)
      values ($1, $2, $3, $4, $5, $6)`,
    values: [due.id, due.occursAt, outcome, reason?.code, jobId, due.now],
  });
  await runQuery(db, {
    text: `delete from public.automation_schedule_occurrences where schedule_id = $1 and occurs_at <= (
        select occurs_at from public.automation_schedule_occurrences where schedule_id = $1 order by occurs_at desc offset $2 limit 1)`,
    values: [due.id, OCCURRENCES_KEPT],
  });
}

/** The rule was good when it was written; another release may read it otherwise, or know the time zone no more. */
function findNext(due: Due): Date | undefined | GantryError {
  try {
    const after = due.now > due.occursAt ? due.now : due.occursAt;
    return nextTimes(due, { after, count: 1 })[0];
  } catch (error) {
    if (error instanceof GantryError) return error;
    throw error;
  }
}

async function submit(db: Db, due: Due, o: SubmitOptions): Promise<Outcome> {
  if (!due.isAccountOpen) return refused('ACCOUNT_CLOSED');
  if (due.hasUnfinishedJob && due.overlap === 'skip') return SKIPPED;
  await runQuery(db, { text: 'savepoint submitting' });
  try {
    const { jobId } = await submitJob(
      db,
      {
        userId: due.userId,
        serviceId: due.serviceId,
        input: due.input,
        uploadId: due.uploadId ?? undefined,
        priority: due.priority,
        tags: due.tags ?? undefined,
      },
      o,
    );
    await runQuery(db, {
      text: 'select gantry.note_schedule($1, $2, $3)',
      values: [jobId, due.id, due.occursAt],
    });
    return { outcome: 'submitted', reason: null, jobId };
  } catch (error) {
    if (!(error instanceof GantryError) || isPassing(error)) throw error;
    await runQuery(db, { text: 'rollback to savepoint submitting' });
    return refused(error.code);
  }
}

function refused(code: ErrorCode): Outcome {
  return { outcome: 'refused', reason: reasonOf(code), jobId: null };
}

function reasonOf(code: ErrorCode): { code: ErrorCode; message: string } {
  return { code, message: ERRORS[code].message };
}

function isPassing(error: unknown): boolean {
  return error instanceof GantryError && error.code === 'DATABASE_UNAVAILABLE';
}
