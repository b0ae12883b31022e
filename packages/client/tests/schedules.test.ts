import { fireDueSchedules } from '@gantry/core';
import { expect, test } from 'vitest';

import { startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient } from '../src/index.ts';

test('a schedule is made, looked ahead, fired, changed, paused, resumed and deleted', async () => {
  await using api = await startApi();
  const user = await api.newUser();
  const { schedules, jobs } = createGantryClient({ url: api.url, getToken: () => user.token });
  const { id, nextFireAt } = await schedules.create({
    serviceId: 'no-file',
    input: { n: 1 },
    cron: '30 6 * * MON-FRI',
    timeZone: 'Europe/Berlin',
    name: 'Morning',
  });
  const { times } = await schedules.preview('30 6 * * MON-FRI', 'Europe/Berlin', { count: 2 });
  expect(times).toHaveLength(2);
  expect(times[0]).toBe(nextFireAt);

  await api.pool.query('update public.automation_schedules set next_fire_at = gantry.clock()');
  await fireDueSchedules(api.pool);
  const { fires } = await schedules.get(id);
  expect(fires).toMatchObject([{ outcome: 'submitted', jobStatus: 'pending' }]);
  expect(await jobs.status(fires[0]?.jobId ?? '')).toMatchObject({ scheduleId: id });

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
