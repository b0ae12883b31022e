import { errorCodeSchema } from '@gantry/contract';
import type { Schedule, ScheduleFire, SchedulePage } from '@gantry/core';
import { z } from 'zod';

import { json, status } from '../routes/inputs.ts';
import { time } from './schemas.ts';

const fireSchema = z
  .object({
    fireAt: time.describe('The time that the schedule said'),
    outcome: z
      .enum(['submitted', 'skipped', 'refused'])
      .describe('skipped: an earlier job has not finished; refused: for the reason given'),
    reason: z.object({ code: errorCodeSchema, message: z.string() }).nullable(),
    jobId: z.guid().nullable(),
    jobStatus: status.nullable().describe('Null without a job, and for one that has expired'),
    createdAt: time.describe('When it was fired'),
  })
  .meta({ id: 'ScheduleFire' }) satisfies z.ZodType<ScheduleFire>;

const scheduleShape = {
  id: z.guid(),
  userId: z.guid(),
  name: z.string(),
  serviceId: z.string(),
  serviceName: z.string(),
  input: json,
  uploadId: z.guid().nullable(),
  fileName: z.string().nullable(),
  priority: z.int().min(0).max(2).describe('0 normal, 1 high, 2 urgent'),
  tags: z.array(z.string()),
  cron: z.string().describe('Five fields or a nickname such as @daily'),
  timeZone: z.string().describe('Of the IANA database'),
  overlap: z.enum(['skip', 'queue']).describe('What becomes of a tick while an earlier job has not finished'),
  isPaused: z.boolean(),
  nextFireAt: time.nullable().describe('Null while it is paused'),
  lastFire: fireSchema.nullable(),
  createdAt: time,
  updatedAt: time,
};

export const scheduleSchema = z.object(scheduleShape).meta({ id: 'Schedule' }) satisfies z.ZodType<Schedule>;

export const scheduleWithFiresSchema = z
  .object({
    ...scheduleShape,
    fires: z.array(fireSchema).describe('The last ticks, the latest first'),
  })
  .meta({ id: 'ScheduleWithFires' }) satisfies z.ZodType<Schedule & { fires: ScheduleFire[] }>;

export const schedulePageSchema = z
  .object({
    schedules: z.array(scheduleSchema),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'SchedulePage' }) satisfies z.ZodType<SchedulePage>;

export const scheduleTimesSchema = z.object({ times: z.array(time) }).meta({ id: 'ScheduleTimes' });
