import type pg from 'pg';
import { type Db, runQuery } from '../db/run-query.ts';
import { withTransaction } from '../db/with-user.ts';
import { GantryError } from '../errors.ts';
import { holdUpload, type NewSchedule } from './create-schedule.ts';
import type { CronRule } from './next-times.ts';
import { firstTime } from './preview-schedule.ts';

/** What is to be different; what is undefined stays. */
export type ScheduleChange = {
  [field in keyof Omit<NewSchedule, 'userId' | 'serviceId' | 'uploadId'>]?: NewSchedule[field] | undefined;
} & {
  /** Null for no file any more. */
  uploadId?: string | null | undefined;
};

/**
 * Changes a schedule. With another expression or time zone its next time is the first one from now on.
 *
 * @throws {GantryError} SCHEDULE_NOT_FOUND, CRON_INVALID, TIME_ZONE_INVALID, UPLOAD_NOT_FOUND, VALUE_INVALID
 */
export function updateSchedule(pool: pg.Pool, scheduleId: string, change: ScheduleChange): Promise<void> {
  return withTransaction(pool, async (db) => {
    const schedule = await holdSchedule(db, scheduleId);
    const { uploadId } = change;
    if (uploadId) await holdUpload(db, { uploadId, userId: schedule.userId });
    const rule = { cron: change.cron ?? schedule.cron, timeZone: change.timeZone ?? schedule.timeZone };
    const isOtherRule = rule.cron !== schedule.cron || rule.timeZone !== schedule.timeZone;
    const next = isOtherRule ? await firstTime(db, rule) : schedule.nextOccurrenceAt;
    await runQuery(db, {
      text: `update public.automation_schedules set
          name = coalesce($2, name), input = coalesce($3, input),
          upload_id = case when $4 then $5::uuid else upload_id end,
          priority = coalesce($6, priority), tags = case when $7::text[] is null then tags when $7 <> '{}' then $7 end,
          cron = $8, time_zone = $9, overlap = coalesce($10, overlap),
          next_occurrence_at = case when not is_paused then $11::timestamptz end, updated_at = gantry.clock()
        where id = $1`,
      values: [
        scheduleId,
        change.name ?? null,
        change.input === undefined ? null : JSON.stringify(change.input),
        uploadId !== undefined,
        uploadId ?? null,
        change.priority ?? null,
        change.tags ?? null,
        rule.cron,
        rule.timeZone,
        change.overlap ?? null,
        next,
      ],
    });
  });
}

/** From now on it does not fire. @throws {GantryError} SCHEDULE_NOT_FOUND */
export async function pauseSchedule(db: Db, scheduleId: string): Promise<void> {
  const paused = await runQuery(db, {
    text: `update public.automation_schedules set is_paused = true, next_occurrence_at = null, updated_at = gantry.clock()
      where id = $1 returning id`,
    values: [scheduleId],
  });
  if (paused.length === 0) throw new GantryError('SCHEDULE_NOT_FOUND');
}

/**
 * It fires again, from its next time on; the occurrences of the pause do not come back. One that is not paused stays as it is.
 *
 * @throws {GantryError} SCHEDULE_NOT_FOUND, CRON_INVALID, TIME_ZONE_INVALID
 */
export function resumeSchedule(pool: pg.Pool, scheduleId: string): Promise<void> {
  return withTransaction(pool, async (db) => {
    const schedule = await holdSchedule(db, scheduleId);
    if (schedule.nextOccurrenceAt) return;
    await runQuery(db, {
      text: `update public.automation_schedules set is_paused = false, next_occurrence_at = $2, updated_at = gantry.clock()
        where id = $1`,
      values: [scheduleId, await firstTime(db, schedule)],
    });
  });
}

/** Deletes a schedule. Its jobs stay. @throws {GantryError} SCHEDULE_NOT_FOUND */
export async function deleteSchedule(db: Db, scheduleId: string): Promise<void> {
  const deleted = await runQuery(db, {
    text: 'delete from public.automation_schedules where id = $1 returning id',
    values: [scheduleId],
  });
  if (deleted.length === 0) throw new GantryError('SCHEDULE_NOT_FOUND');
}

/** Reads a schedule and keeps it from firing until the transaction ends. */
async function holdSchedule(
  db: Db,
  scheduleId: string,
): Promise<CronRule & { userId: string; nextOccurrenceAt: Date | null }> {
  const [schedule] = await runQuery<CronRule & { userId: string; nextOccurrenceAt: Date | null }>(db, {
    text: `select user_id as "userId", cron, time_zone as "timeZone", next_occurrence_at as "nextOccurrenceAt"
      from public.automation_schedules where id = $1 for no key update`,
    values: [scheduleId],
  });
  if (!schedule) throw new GantryError('SCHEDULE_NOT_FOUND');
  return schedule;
}
