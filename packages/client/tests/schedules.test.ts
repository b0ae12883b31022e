import { fireDueSchedules } from '@gantry/core';
import { expect, test } from 'vitest';

import { startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, type SendOptions, type UploadProgress } from '../src/index.ts';

test('a schedule is made, looked ahead, fired, changed, paused, resumed and deleted', async () => {
  await using api = await startApi();
  const user = await api.newUser();
  const { schedules, jobs } = createGantryClient({ url: api.url, getToken: () => user.token });
  const { id, nextOccurrenceAt } = await schedules.create({
    serviceId: 'no-file',
    input: { n: 1 },
    cron: '30 6 * * MON-FRI',
    timeZone: 'Europe/Berlin',
    name: 'Morning',
  });
  const { times } = await schedules.preview('30 6 * * MON-FRI', 'Europe/Berlin', { count: 2 });
  expect(times).toHaveLength(2);
  expect(times[0]).toBe(nextOccurrenceAt);

  await api.pool.query('update public.automation_schedules set next_occurrence_at = gantry.clock()');
  await fireDueSchedules(api.pool);
  const { occurrences } = await schedules.get(id);
  expect(occurrences).toMatchObject([{ outcome: 'submitted', jobStatus: 'pending' }]);
  expect(await jobs.status(occurrences[0]?.jobId ?? '')).toMatchObject({ scheduleId: id });

  expect(await schedules.update(id, { name: 'Evening', cron: '30 18 * * *' })).toMatchObject({
    name: 'Evening',
  });
  expect(await schedules.pause(id)).toMatchObject({ isPaused: true });
  expect(await schedules.resume(id)).toMatchObject({ isPaused: false });
  expect((await schedules.list()).schedules).toMatchObject([{ id }]);
  await schedules.delete(id);
  await expect(schedules.get(id)).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND', status: 404 });

  const admin = await api.newUser(true);
  const console = createGantryClient({ url: api.url, getToken: () => admin.token });
  expect(await console.admin.schedules({ userId: user.id })).toEqual({ schedules: [], nextCursor: null });
});

test('a schedule has a file that was uploaded before, and each of its jobs gets it', async () => {
  await using api = await startApi();
  const user = await api.newUser();
  const { uploads, schedules, jobs } = createGantryClient({ url: api.url, getToken: () => user.token });
  const data = new TextEncoder().encode('Container\nCSQU3054383\nCSQU3054384\n');
  const told: UploadProgress[] = [];
  const { uploadId, ...upload } = await uploads.create(
    { serviceId: 'ctg-port-tracking', file: { name: 'list.csv', data } },
    { onUploadProgress: (progress) => told.push(progress) },
  );
  expect(upload).toEqual({ fileName: 'list.csv', rows: { total: 2, valid: 1, invalid: 1, duplicate: 0 } });
  expect(told.at(-1)).toMatchObject({ sentBytes: told.at(-1)?.totalBytes });

  const rule = { cron: '@daily', timeZone: 'UTC' };
  const { id } = await schedules.create({ serviceId: 'ctg-port-tracking', uploadId, ...rule });
  await api.pool.query('update public.automation_schedules set next_occurrence_at = gantry.clock()');
  await fireDueSchedules(api.pool);
  const { occurrences, fileName } = await schedules.get(id);
  expect(fileName).toBe('list.csv');
  expect(await jobs.status(occurrences[0]?.jobId ?? '')).toMatchObject({
    fileName: 'list.csv',
    scheduleId: id,
  });
});

test('an upload is refused for what is in it, and can be broken off', async () => {
  await using api = await startApi();
  const user = await api.newUser();
  const { uploads } = createGantryClient({ url: api.url, getToken: () => user.token });
  const create = (content: string, o?: SendOptions) => {
    const file = { name: 'list.csv', data: new TextEncoder().encode(content) };
    return uploads.create({ serviceId: 'ctg-port-tracking', file }, o);
  };
  await expect(create('Colour\nred\n')).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND', status: 422 });
  const reason = new Error('not any more');
  const signal = AbortSignal.abort(reason);
  await expect(create('Container\nCSQU3054383\n', { signal })).rejects.toBe(reason);
  expect(await api.leftovers()).toMatchObject({ uploads: 0, files: 0 });
});
