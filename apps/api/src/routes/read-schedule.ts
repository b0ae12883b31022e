import { getSchedule, type Schedule, withUser } from '@gantry/core';

import type { UserContext } from '../context.ts';
import { ApiError } from '../errors/api-error.ts';

/** Reads a schedule as the caller: their own, or any for an admin. @throws {ApiError} SCHEDULE_NOT_FOUND */
export async function readSchedule({ deps, caller }: UserContext, scheduleId: string): Promise<Schedule> {
  const schedule = await withUser(deps.pool, caller.claims, (db) => getSchedule(db, scheduleId));
  if (schedule) return schedule;
  throw new ApiError(
    404,
    'SCHEDULE_NOT_FOUND',
    'There is no such schedule. It may have been deleted; look at your list of schedules.',
  );
}
