import {
  deleteSchedule,
  listScheduleOccurrences,
  listSchedules,
  pauseSchedule,
  previewSchedule,
  resumeSchedule,
  withUser,
} from '@gantry/core';
import { z } from 'zod';
import { anyId } from '../procedures/inputs.ts';
import { adminProcedure, userProcedure } from '../procedures/trpc.ts';
import { readSchedule } from './read-schedule.ts';
import { changeSchedule, makeSchedule } from './save-schedule.ts';
import { newSchedule, previewCount, previewInput, scheduleChange, scheduleList } from './schedule-inputs.ts';

const OCCURRENCES_SHOWN = 20;

const scheduleInput = z.strictObject({ scheduleId: anyId });

/** `schedules.*`: what people have submitted again and again. An admin may look at and change everybody's. */
export const scheduleRoutes = {
  /** Makes a schedule; its file, if it needs one, was uploaded before. */
  create: userProcedure.input(newSchedule).mutation(({ ctx, input }) => makeSchedule(ctx, input)),

  /** The caller's schedules, newest first. */
  list: userProcedure
    .input(z.strictObject(scheduleList))
    .query(({ ctx, input }) =>
      withUser(ctx.deps.pool, ctx.caller.claims, (db) =>
        listSchedules(db, { ...input, userId: ctx.caller.userId }),
      ),
    ),

  /** A schedule, and what became of its last occurrences. */
  get: userProcedure.input(scheduleInput).query(async ({ ctx, input }) => {
    const schedule = await readSchedule(ctx, input.scheduleId);
    const occurrences = await withUser(ctx.deps.pool, ctx.caller.claims, (db) =>
      listScheduleOccurrences(db, { scheduleId: schedule.id, limit: OCCURRENCES_SHOWN }),
    );
    return { ...schedule, occurrences };
  }),

  /** Changes a schedule; with another rule it fires next at the first time from now on. */
  update: userProcedure
    .input(z.strictObject({ scheduleId: anyId, ...scheduleChange }))
    .mutation(({ ctx, input: { scheduleId, ...change } }) => changeSchedule(ctx, scheduleId, change)),

  pause: userProcedure.input(scheduleInput).mutation(async ({ ctx, input }) => {
    const { id } = await readSchedule(ctx, input.scheduleId);
    await pauseSchedule(ctx.deps.pool, id);
    return readSchedule(ctx, id);
  }),

  /** Lets it fire again from its next time on; what it would have fired meanwhile does not come back. */
  resume: userProcedure.input(scheduleInput).mutation(async ({ ctx, input }) => {
    const { id } = await readSchedule(ctx, input.scheduleId);
    await resumeSchedule(ctx.deps.pool, id);
    return readSchedule(ctx, id);
  }),

  /** Deletes a schedule; its jobs stay. */
  delete: userProcedure.input(scheduleInput).mutation(async ({ ctx, input }) => {
    const { id } = await readSchedule(ctx, input.scheduleId);
    await deleteSchedule(ctx.deps.pool, id);
    return { ok: true };
  }),

  /** The next times of a rule, without making anything of it. */
  preview: userProcedure
    .input(z.strictObject({ ...previewInput, count: previewCount }))
    .query(async ({ ctx, input: { count, ...rule } }) => ({
      times: (await previewSchedule(ctx.deps.pool, rule, count)).map((time) => time.toISOString()),
    })),
};

/** `admin.schedules`: everybody's schedules, newest first. */
export const adminSchedules = adminProcedure
  .input(z.strictObject({ ...scheduleList, userId: anyId.optional() }))
  .query(({ ctx, input }) => withUser(ctx.deps.pool, ctx.caller.claims, (db) => listSchedules(db, input)));
