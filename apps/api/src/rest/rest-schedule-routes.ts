import { schedulePageSchema, scheduleSchema, scheduleWithOccurrencesSchema } from '@gantry/contract';
import { z } from 'zod';
import { anyId } from '../procedures/inputs.ts';
import { newSchedule, previewInput, scheduleChange, scheduleList } from '../schedules/schedule-inputs.ts';
import type { OwnRefusals } from './refusals.ts';
import type { RestRoute } from './rest-route.ts';
import { doneSchema, scheduleTimesSchema } from './schemas.ts';

const scheduleParams = z.strictObject({ scheduleId: anyId });
const changeBody = z.strictObject(scheduleChange);
// In a query everything is text.
const ownList = z.strictObject({
  ...scheduleList,
  limit: z.coerce.number().int().min(1).max(100).default(25),
});
const everybodysList = ownList.extend({ userId: anyId.optional() });
const preview = z.strictObject({
  ...previewInput,
  count: z.coerce.number().int().min(1).max(20).default(5),
});

const SCHEDULE_REFUSALS: OwnRefusals = {
  403: 'A priority that only admins may ask for',
  404: 'No such schedule, service or upload',
  422: 'The cron expression or the time zone is wrong, or the service needs a file or takes none',
};

/** What is submitted again and again. */
export const restScheduleRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: '/api/schedules',
    operationId: 'listSchedules',
    summary: 'Your schedules, newest first',
    tag: 'Schedules',
    query: ownList,
    response: schedulePageSchema,
    run: (procedures, { query }) => procedures.schedules.list(ownList.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/schedules',
    operationId: 'createSchedule',
    summary: 'Makes a schedule; its file, if it needs one, was stored before',
    tag: 'Schedules',
    body: newSchedule,
    response: scheduleSchema,
    created: true,
    refuses: SCHEDULE_REFUSALS,
    run: (procedures, { body }) => procedures.schedules.create(newSchedule.parse(body)),
  },
  {
    method: 'GET',
    path: '/api/schedules/preview',
    operationId: 'previewSchedule',
    summary: 'The next times of a cron expression in a time zone',
    tag: 'Schedules',
    query: preview,
    response: scheduleTimesSchema,
    refuses: { 422: 'The cron expression or the time zone is wrong' },
    run: (procedures, { query }) => procedures.schedules.preview(preview.parse(query)),
  },
  {
    method: 'GET',
    path: '/api/schedules/:scheduleId',
    operationId: 'getSchedule',
    summary: 'A schedule, and what became of its last occurrences',
    tag: 'Schedules',
    params: scheduleParams,
    response: scheduleWithOccurrencesSchema,
    run: (procedures, { params }) => procedures.schedules.get(scheduleParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId',
    operationId: 'updateSchedule',
    summary: 'Changes a schedule; what is left out stays',
    tag: 'Schedules',
    params: scheduleParams,
    body: changeBody,
    response: scheduleSchema,
    refuses: SCHEDULE_REFUSALS,
    run: (procedures, { params, body }) =>
      procedures.schedules.update({ ...scheduleParams.parse(params), ...changeBody.parse(body) }),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId/pause',
    operationId: 'pauseSchedule',
    summary: 'Pauses a schedule',
    tag: 'Schedules',
    params: scheduleParams,
    response: scheduleSchema,
    run: (procedures, { params }) => procedures.schedules.pause(scheduleParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId/resume',
    operationId: 'resumeSchedule',
    summary: 'Lets a schedule fire again, from its next time on',
    tag: 'Schedules',
    params: scheduleParams,
    response: scheduleSchema,
    refuses: { 422: 'The cron expression has no next time' },
    run: (procedures, { params }) => procedures.schedules.resume(scheduleParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId/delete',
    operationId: 'deleteSchedule',
    summary: 'Deletes a schedule; its jobs stay',
    tag: 'Schedules',
    params: scheduleParams,
    response: doneSchema,
    run: (procedures, { params }) => procedures.schedules.delete(scheduleParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/admin/schedules',
    operationId: 'listAllSchedules',
    summary: "Everybody's schedules, newest first",
    tag: 'Admin',
    query: everybodysList,
    response: schedulePageSchema,
    run: (procedures, { query }) => procedures.admin.schedules(everybodysList.parse(query)),
  },
];
