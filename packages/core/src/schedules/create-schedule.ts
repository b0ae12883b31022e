import type { JsonValue, Overlap } from '@gantry/contract';
import type pg from 'pg';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { withTransaction } from '../db/with-user.ts';
import { GantryError } from '../errors.ts';
import type { CronRule } from './next-times.ts';
import { firstTime } from './preview-schedule.ts';

/** A schedule to create. */
export type NewSchedule = CronRule & {
  userId: string;
  name: string;
  serviceId: string;
  input: JsonValue;
  uploadId?: string | undefined;
  /** 0 normal, 1 high, 2 urgent. */
  priority?: number | undefined;
  /** At most 10 different ones, each of 1 to 40 characters. */
  tags?: string[] | undefined;
  /** `skip` by default. */
  overlap?: Overlap | undefined;
};

const MAX_PER_USER = 100;
// The class of the advisory locks under which the schedules of a user are counted.
const COUNT_LOCK = 1196315735;

/**
 * Makes a schedule. It fires for the first time at its first time from now on.
 *
 * @returns its id
 * @throws {GantryError} CRON_INVALID, TIME_ZONE_INVALID, SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, QUOTA_EXCEEDED, VALUE_INVALID
 */
export function createSchedule(pool: pg.Pool, s: NewSchedule): Promise<string> {
  return withTransaction(pool, async (db) => {
    await requireScheduleQuota(db, s.userId);
    await requireService(db, s.serviceId);
    if (s.uploadId !== undefined) await holdUpload(db, { uploadId: s.uploadId, userId: s.userId });
    const { id } = await runForOne<{ id: string }>(db, {
      text: `insert into public.automation_schedules
          (user_id, name, service_id, input, upload_id, priority, tags, cron, time_zone, overlap, next_occurrence_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
      values: [
        s.userId,
        s.name,
        s.serviceId,
        JSON.stringify(s.input),
        s.uploadId ?? null,
        s.priority ?? 0,
        s.tags?.length ? s.tags : null,
        s.cron,
        s.timeZone,
        s.overlap ?? 'skip',
        await firstTime(db, s),
      ],
    });
    return id;
  });
}

/** Keeps an upload from being swept away until the schedule that uses it is there. @throws {GantryError} UPLOAD_NOT_FOUND */
export async function holdUpload(db: Db, o: { uploadId: string; userId: string }): Promise<void> {
  const held = await runQuery(db, {
    text: 'select id from public.automation_uploads where id = $1 and user_id = $2 for key share',
    values: [o.uploadId, o.userId],
  });
  if (held.length === 0) throw new GantryError('UPLOAD_NOT_FOUND');
}

async function requireScheduleQuota(db: Db, userId: string): Promise<void> {
  await runQuery(db, {
    text: 'select pg_advisory_xact_lock($1, hashtext($2))',
    values: [COUNT_LOCK, userId],
  });
  const { count } = await runForOne<{ count: number }>(db, {
    text: 'select count(*)::integer as count from public.automation_schedules where user_id = $1',
    values: [userId],
  });
  if (count >= MAX_PER_USER) {
    throw new GantryError(
      'QUOTA_EXCEEDED',
      `There can be ${MAX_PER_USER} schedules for each user. Delete one that is not needed any more.`,
    );
  }
}

async function requireService(db: Db, serviceId: string): Promise<void> {
  const services = await runQuery(db, {
    text: 'select id from public.automation_services where id = $1 and is_enabled',
    values: [serviceId],
  });
  if (services.length === 0) throw new GantryError('SERVICE_NOT_FOUND');
}
