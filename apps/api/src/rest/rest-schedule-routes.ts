import { z } from 'zod';

import {
  newSchedule,
  previewCount,
  previewInput,
  scheduleChange,
  scheduleList,
} from '../routes/schedule-inputs.ts';
import type { RestRoute } from './rest-routes.ts';
import {
  schedulePageSchema,
  scheduleSchema,
  scheduleTimesSchema,
  scheduleWithFiresSchema,
} from './schedule-schemas.ts';
import { doneSchema } from './schemas.ts';

const scheduleParams = z.strictObject({ scheduleId: z.uuid() });
const changeBody = z.strictObject(scheduleChange);
// In a query everything is text.
const ownList = z.strictObject({
  ...scheduleList,
  limit: z.coerce.number().pipe(scheduleList.limit.unwrap()).default(25),
});
const everybodysList = ownList.extend({ userId: z.uuid().optional() });
const preview = z.strictObject({
  ...previewInput,
  count: z.coerce.number().pipe(previewCount.unwrap()).default(5),
});

/** What is submitted again and again. */
export const restScheduleRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: '/api/schedules',
    summary: 'Your schedules, newest first',
    tag: 'Schedules',
    query: ownList,
    response: schedulePageSchema,
    run: (procedures, { query }) => procedures.schedules.list(ownList.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/schedules',
    summary: 'Makes a schedule; its file, if it needs one, was stored before',
    tag: 'Schedules',
    body: newSchedule,
    response: scheduleSchema,
    run: (procedures, { body }) => procedures.schedules.create(newSchedule.parse(body)),
  },
  {
    method: 'GET',
    path: '/api/schedules/preview',
    summary: 'The next times of a cron expression in a time zone',
    tag: 'Schedules',
    query: preview,
    response: scheduleTimesSchema,
    run: (procedures, { query }) => procedures.schedules.preview(preview.parse(query)),
  },
  {
    method: 'GET',
    path: '/api/schedules/:scheduleId',
    summary: 'A schedule, and what became of its last ticks',
    tag: 'Schedules',
    params: scheduleParams,
    response: scheduleWithFiresSchema,
    run: (procedures, { params }) => procedures.schedules.get(scheduleParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId',
    summary: 'Changes a schedule; what is left out stays',
    tag: 'Schedules',
    params: scheduleParams,
    body: changeBody,
    response: scheduleSchema,
    run: (procedures, { params, body }) =>
      procedures.schedules.update({ ...scheduleParams.parse(params), ...changeBody.parse(body) }),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId/pause',
    summary: 'Pauses a schedule',
    tag: 'Schedules',
    params: scheduleParams,
    response: scheduleSchema,
    run: (procedures, { params }) => procedures.schedules.pause(scheduleParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId/resume',
    summary: 'Lets a schedule fire again, from its next time on',
    tag: 'Schedules',
    params: scheduleParams,
    response: scheduleSchema,
    run: (procedures, { params }) => procedures.schedules.resume(scheduleParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/schedules/:scheduleId/delete',
    summary: 'Deletes a schedule; its jobs stay',
    tag: 'Schedules',
    params: scheduleParams,
    response: doneSchema,
    run: (procedures, { params }) => procedures.schedules.delete(scheduleParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/admin/schedules',
    summary: "Everybody's schedules, newest first",
    tag: 'Admin',
    query: everybodysList,
    response: schedulePageSchema,
    run: (procedures, { query }) => procedures.admin.schedules(everybodysList.parse(query)),
  },
];
