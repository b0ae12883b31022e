import type { Schedule } from '@gantry/contract';
import { getSchedule, withUser } from '@gantry/core';
import { refusalFor } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';

/** Reads a schedule as the caller: their own, or any for an admin. @throws {ApiError} SCHEDULE_NOT_FOUND */
export async function readSchedule({ deps, caller }: UserContext, scheduleId: string): Promise<Schedule> {
  const schedule = await withUser(deps.pool, caller.claims, (db) => getSchedule(db, scheduleId));
  if (schedule) return schedule;
  throw refusalFor('SCHEDULE_NOT_FOUND');
}
