import type { Schedule } from '@gantry/contract';
import { createSchedule, type ScheduleChange, updateSchedule } from '@gantry/core';

import type { UserContext } from '../procedures/context.ts';
import { checkSubmission, createLookUps, type JsonSubmission } from '../submissions/check-submission.ts';
import { readSchedule } from './read-schedule.ts';

/** What a schedule submits, and when. */
export type ScheduleSubmission = Pick<
  JsonSubmission,
  'serviceId' | 'input' | 'uploadId' | 'priority' | 'tags'
> & {
  name?: string | undefined;
  cron: string;
  timeZone: string;
  overlap?: 'skip' | 'queue' | undefined;
};

/**
 * Makes a schedule of the caller's. What it submits is checked as a submission is, now: a service that has changed by the
 * time of an occurrence refuses that one.
 *
 * @throws {ApiError} as {@link checkSubmission} does
 * @throws {GantryError} CRON_INVALID, TIME_ZONE_INVALID, QUOTA_EXCEEDED
 */
export async function makeSchedule(ctx: UserContext, s: ScheduleSubmission): Promise<Schedule> {
  const { userId } = ctx.caller;
  const { name, cron, timeZone, overlap, ...submission } = s;
  const lookUps = createLookUps(ctx);
  const { serviceId, input, uploadId, priority, tags } = await checkSubmission(submission, {
    userId,
    lookUps,
  });
  const { service } = await lookUps.service(serviceId);
  return readSchedule(
    ctx,
    await createSchedule(ctx.deps.pool, {
      userId,
      name: name ?? service.name,
      serviceId,
      input,
      uploadId,
      priority,
      tags,
      cron,
      timeZone,
      overlap,
    }),
  );
}

/**
 * Changes a schedule that the caller may change, for its owner.
 *
 * @throws {ApiError} SCHEDULE_NOT_FOUND, and as {@link makeSchedule}
 */
export async function changeSchedule(
  ctx: UserContext,
  scheduleId: string,
  change: ScheduleChange,
): Promise<Schedule> {
  const schedule = await readSchedule(ctx, scheduleId);
  const { input = schedule.input, uploadId = schedule.uploadId, priority } = change;
  await checkSubmission(
    { serviceId: schedule.serviceId, input, uploadId: uploadId ?? undefined, priority },
    { userId: schedule.userId, lookUps: createLookUps(ctx) },
  );
  await updateSchedule(ctx.deps.pool, scheduleId, {
    ...change,
    tags: change.tags && [...new Set(change.tags)],
  });
  return readSchedule(ctx, scheduleId);
}
