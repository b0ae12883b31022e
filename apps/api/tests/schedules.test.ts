import { fireDueSchedules } from '@gantry/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, formOf, startApi } from './fixture.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let other: typeof user;
let admin: typeof user;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
  other = await api.newUser();
  admin = await api.newUser(true);
});
afterAll(() => api[Symbol.asyncDispose]());

const NIGHTLY = { serviceId: 'no-file', input: { n: 1 }, cron: '30 2 * * *', timeZone: 'Europe/Berlin' };

async function call(who: typeof user, method: 'GET' | 'POST', path: string, body?: object) {
  const response = await fetch(`${api.url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${who.token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}
const create = async (o: object = {}, who = user) => call(who, 'POST', 'schedules', { ...NIGHTLY, ...o });

/** Makes a schedule due now and fires it. */
async function fire(id: string) {
  await api.pool.query(
    'update public.automation_schedules set next_occurrence_at = gantry.clock() where id = $1',
    [id],
  );
  return fireDueSchedules(api.pool);
}

describe('somebody who makes a schedule', () => {
  test('reads, changes, pauses, resumes and deletes it', async () => {
    const { status, body: made } = await create({ tags: ['night', 'night'], overlap: 'queue' });
    expect(status).toBe(201);
    expect(made).toMatchObject({
      userId: user.id,
      // The name of its service.
      name: 'CTG Port Authority Tracking',
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      overlap: 'queue',
      tags: ['night'],
      isPaused: false,
      lastOccurrence: null,
    });
    const path = `schedules/${made.id}`;
    const { body: changed } = await call(user, 'POST', path, {
      name: 'Nightly',
      cron: '@daily',
      timeZone: 'UTC',
    });
    expect(changed).toMatchObject({ name: 'Nightly', cron: '@daily', input: { n: 1 } });
    expect(changed.nextOccurrenceAt).toMatch(/T00:00:00\.000Z$/);
    expect((await call(user, 'POST', `${path}/pause`)).body).toMatchObject({
      isPaused: true,
      nextOccurrenceAt: null,
    });
    expect((await call(user, 'POST', `${path}/resume`)).body).toMatchObject({
      nextOccurrenceAt: changed.nextOccurrenceAt,
    });
    expect((await call(user, 'GET', path)).body).toMatchObject({ id: made.id, occurrences: [] });
    const { body: list } = await call(user, 'GET', 'schedules?limit=100');
    expect(list.schedules).toContainEqual(expect.objectContaining({ id: made.id, name: 'Nightly' }));
    expect((await call(user, 'POST', `${path}/delete`)).body).toEqual({ ok: true });
    expect(await call(user, 'GET', path)).toMatchObject({
      status: 404,
      body: { error: { code: 'SCHEDULE_NOT_FOUND' } },
    });
  });

  test('sees what became of its occurrences, and the job knows the schedule', async () => {
    const { body: made } = await create();
    const [fired] = await fire(made.id);
    expect((await call(user, 'GET', `schedules/${made.id}`)).body).toMatchObject({
      lastOccurrence: { outcome: 'submitted', jobId: fired?.jobId, jobStatus: 'pending', reason: null },
      occurrences: [{ jobId: fired?.jobId }],
    });
    expect((await call(user, 'GET', `queue/status/${fired?.jobId}`)).body).toMatchObject({
      scheduleId: made.id,
      scheduledFor: fired?.occursAt,
      status: 'pending',
    });
    await fire(made.id);
    expect((await call(user, 'GET', `schedules/${made.id}`)).body.occurrences).toMatchObject([
      { outcome: 'skipped', reason: { code: 'PREVIOUS_UNFINISHED' }, jobId: null },
      { outcome: 'submitted' },
    ]);
  });

  test('gives it a file that was uploaded before, and each job gets the same', async () => {
    const response = await fetch(`${api.url}/api/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}` },
      body: formOf({ serviceId: 'ctg-port-tracking' }, { content: 'FCR Number\nMSKU1234565\n' }),
    });
    const { uploadId }: { uploadId: string } = JSON.parse(await response.text());
    const { body: made } = await create({ serviceId: 'ctg-port-tracking', input: {}, uploadId });
    expect(made).toMatchObject({ uploadId, fileName: 'fcr_numbers.csv' });
    const [fired] = await fire(made.id);
    expect((await call(user, 'GET', `queue/status/${fired?.jobId}`)).body).toMatchObject({
      fileName: 'fcr_numbers.csv',
    });
    expect(await create({ serviceId: 'ctg-port-tracking', input: {}, uploadId }, other)).toMatchObject({
      status: 404,
      body: { error: { code: 'UPLOAD_NOT_FOUND' } },
    });
    expect(await call(user, 'POST', `schedules/${made.id}`, { uploadId: null })).toMatchObject({
      body: { error: { code: 'FILE_REQUIRED' } },
    });
  });
});

test.each([
  ['no expression', { cron: 'often' }, 422, 'CRON_INVALID'],
  ['seconds', { cron: '0 0 2 * * *' }, 422, 'CRON_INVALID'],
  ['a day that never comes', { cron: '0 0 30 2 *' }, 422, 'CRON_INVALID'],
  ['no time zone', { timeZone: '+01:00' }, 422, 'TIME_ZONE_INVALID'],
  ['an unknown service', { serviceId: 'nothing' }, 404, 'SERVICE_NOT_FOUND'],
  ['input that the service does not accept', { input: { n: 'x' } }, 400, 'INPUT_INVALID'],
  [
    'no file for a service that needs one',
    { serviceId: 'ctg-port-tracking', input: {} },
    422,
    'FILE_REQUIRED',
  ],
  ['urgent jobs, for who is no admin', { priority: 2 }, 403, 'PRIORITY_NOT_ALLOWED'],
  ['something else', { color: 'red' }, 400, 'INPUT_INVALID'],
])('%s is refused, also as a change', async (_what, o, status, code) => {
  expect(await create(o)).toMatchObject({ status, body: { error: { code } } });
  if ('serviceId' in o) return;
  const { body: made } = await create();
  expect(await call(user, 'POST', `schedules/${made.id}`, o)).toMatchObject({
    status,
    body: { error: { code } },
  });
});

test('nobody but its owner and admins knows of a schedule', async () => {
  const { body: made } = await create();
  const path = `schedules/${made.id}`;
  const refusal = { status: 404, body: { error: { code: 'SCHEDULE_NOT_FOUND' } } };
  expect(await call(other, 'GET', path)).toMatchObject(refusal);
  expect(await call(other, 'POST', path, { name: 'Mine' })).toMatchObject(refusal);
  for (const action of ['pause', 'resume', 'delete']) {
    expect(await call(other, 'POST', `${path}/${action}`)).toMatchObject(refusal);
  }
  expect((await call(other, 'GET', 'schedules')).body.schedules).toEqual([]);
  expect(await call(other, 'GET', 'admin/schedules')).toMatchObject({ status: 403 });

  const ofUser = await call(admin, 'GET', `admin/schedules?userId=${user.id}&limit=1`);
  expect(ofUser.body.schedules).toMatchObject([{ id: made.id }]);
  expect(await call(admin, 'POST', path, { name: 'Seen to', priority: 2 })).toMatchObject({
    body: { userId: user.id, name: 'Seen to', priority: 2 },
  });
  // What an admin has made urgent stays so when its owner changes something else.
  expect((await call(user, 'POST', path, { name: 'Mine' })).body).toMatchObject({
    name: 'Mine',
    priority: 2,
  });
});

test('a session that was ended can make none', async () => {
  const gone = await api.newUser();
  await fetch(`${api.url}/auth/v1/logout`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gone.token}` },
  });
  expect(await create({}, gone)).toMatchObject({ status: 401 });
});

test('a preview shows the next times and makes nothing', async () => {
  const preview = (rule: Record<string, string>) =>
    call(user, 'GET', `schedules/preview?${new URLSearchParams(rule).toString()}`);
  const { body } = await preview({ cron: '0 9 * * MON', timeZone: 'America/New_York', count: '3' });
  expect(body.times).toHaveLength(3);
  for (const time of body.times) expect(time).toMatch(/T1[34]:00:00\.000Z$/);
  expect((await preview({ cron: '@daily', timeZone: 'UTC' })).body.times).toHaveLength(5);
  expect(await preview({ cron: 'x', timeZone: 'UTC' })).toMatchObject({
    status: 422,
    body: { error: { code: 'CRON_INVALID' } },
  });
});
