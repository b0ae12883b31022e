import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  createUpload,
  deleteSchedule,
  deleteUpload,
  fireDueSchedules,
  getJob,
  getSchedule,
  listScheduleOccurrences,
  listSchedules,
  newUploadKey,
  pauseSchedule,
  resumeSchedule,
  updateSchedule,
} from '../../src/index.ts';
import { createFixture, DAY_MS, type Fixture } from '../fixture.ts';

const NOT_FOUND = { code: 'SCHEDULE_NOT_FOUND' };

const addUpload = (f: Fixture, userId = f.user.id) =>
  createUpload(f.db, {
    userId,
    storageKey: newUploadKey(),
    fileName: 'containers.csv',
    contentType: 'text/csv',
    size: 10,
    sha256: 'a'.repeat(64),
    rowCount: 2,
  });

/** How far ahead of the database's clock a schedule fires next. */
async function aheadMs(f: Fixture, id: string): Promise<number> {
  const { rows } = await f.db.query(
    'select extract(epoch from next_occurrence_at - gantry.clock()) * 1000 as ms from public.automation_schedules where id = $1',
    [id],
  );
  return Number(rows[0].ms);
}

test('a schedule is kept as it was made, and fires next at its first time from now on', async () => {
  await using f = await createFixture();
  const { id: uploadId } = await addUpload(f);
  const id = await f.schedule({
    name: 'Morning list',
    input: { n: [1, null] },
    uploadId,
    priority: 1,
    tags: ['morning'],
    cron: '30 6 * * *',
    timeZone: 'Asia/Kolkata',
    overlap: 'queue',
  });
  const schedule = await getSchedule(f.db, id);
  expect(schedule).toMatchObject({
    id,
    userId: f.user.id,
    name: 'Morning list',
    serviceId: 'a-service',
    serviceName: 'A service',
    input: { n: [1, null] },
    uploadId,
    fileName: 'containers.csv',
    priority: 1,
    tags: ['morning'],
    cron: '30 6 * * *',
    timeZone: 'Asia/Kolkata',
    overlap: 'queue',
    isPaused: false,
    lastOccurrence: null,
  });
  expect(schedule?.nextOccurrenceAt).toMatch(/T01:00:00\.000Z$/);
  const ms = await aheadMs(f, id);
  expect([ms > 0, ms <= DAY_MS]).toEqual([true, true]);
});

test('the database’s clock says what is next, not the machine’s', async () => {
  await using f = await createFixture();
  await f.setClock(-90 * DAY_MS);
  const ms = await aheadMs(f, await f.schedule());
  expect([ms > 0, ms <= DAY_MS]).toEqual([true, true]);
});

test.each([
  ['no expression', { cron: 'often' }, 'CRON_INVALID'],
  ['no time zone', { timeZone: 'Mars/Phobos' }, 'TIME_ZONE_INVALID'],
  ['an unknown service', { serviceId: 'no-such-service' }, 'SERVICE_NOT_FOUND'],
  ['an unknown upload', { uploadId: randomUUID() }, 'UPLOAD_NOT_FOUND'],
  ['an impossible priority', { priority: 3 }, 'VALUE_INVALID'],
  ['an impossible tag', { tags: [''] }, 'VALUE_INVALID'],
  ['no name', { name: '' }, 'VALUE_INVALID'],
  ['a NUL in the input', { input: { text: 'a\0' } }, 'VALUE_INVALID'],
])('%s is refused and leaves nothing', async (_what, o, code) => {
  await using f = await createFixture();
  await expect(f.schedule(o)).rejects.toMatchObject({ code });
  expect((await f.db.query('select from public.automation_schedules')).rowCount).toBe(0);
});

test('a service that was taken off, and the upload of somebody else, are refused', async () => {
  await using f = await createFixture();
  const { id: uploadId } = await addUpload(f, (await f.database.createUser()).id);
  await expect(f.schedule({ uploadId })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  const id = await f.schedule();
  await expect(updateSchedule(f.db, id, { uploadId })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  await f.db.query('update public.automation_services set is_enabled = false');
  await expect(f.schedule()).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
});

test('a user may have a hundred, also when many are made at once', async () => {
  await using f = await createFixture();
  const outcomes = await Promise.allSettled(Array.from({ length: 110 }, () => f.schedule()));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'QUOTA_EXCEEDED' },
  });
  await f.schedule({ userId: (await f.database.createUser()).id });
});

test('a list has the newest first, a page at a time, of one user or of all', async () => {
  await using f = await createFixture();
  const other = await f.database.createUser();
  const ids: string[] = [];
  for (const userId of [f.user.id, f.user.id, other.id, f.user.id]) ids.push(await f.schedule({ userId }));
  const [first, second, third, fourth] = ids;
  const list = async (o: { userId?: string; cursor?: string }) => {
    const { schedules, nextCursor } = await listSchedules(f.db, { limit: 2, ...o });
    return { ids: schedules.map(({ id }) => id), nextCursor };
  };
  expect(await list({ userId: f.user.id })).toEqual({ ids: [fourth, second], nextCursor: second });
  expect(await list({ userId: f.user.id, cursor: second ?? '' })).toEqual({ ids: [first], nextCursor: null });
  expect(await list({})).toEqual({ ids: [fourth, third], nextCursor: third });
});

describe('a change', () => {
  test('of something else than the rule leaves all the rest, and the next time', async () => {
    await using f = await createFixture();
    const { id: uploadId } = await addUpload(f);
    const id = await f.schedule({ uploadId, tags: ['a'], priority: 1, cron: '0 0 1 1 *' });
    const before = await getSchedule(f.db, id);
    await updateSchedule(f.db, id, { name: 'Other', input: { n: 2 }, overlap: 'queue' });
    expect(await getSchedule(f.db, id)).toEqual({
      ...before,
      name: 'Other',
      input: { n: 2 },
      overlap: 'queue',
      updatedAt: expect.any(String),
    });
    await updateSchedule(f.db, id, { uploadId: null, tags: [], priority: 0 });
    expect(await getSchedule(f.db, id)).toMatchObject({
      uploadId: null,
      fileName: null,
      tags: [],
      priority: 0,
    });
  });

  test('of the rule moves the next time', async () => {
    await using f = await createFixture();
    const id = await f.schedule({ cron: '0 0 1 1 *' });
    await updateSchedule(f.db, id, { cron: '0 12 1 1 *' });
    expect((await getSchedule(f.db, id))?.nextOccurrenceAt).toMatch(/-01-01T12:00:00/);
    await updateSchedule(f.db, id, { timeZone: 'Asia/Tokyo' });
    expect((await getSchedule(f.db, id))?.nextOccurrenceAt).toMatch(/-01-01T03:00:00/);
    await expect(updateSchedule(f.db, id, { cron: 'often' })).rejects.toMatchObject({ code: 'CRON_INVALID' });
  });

  test('of a paused one leaves it paused', async () => {
    await using f = await createFixture();
    const id = await f.schedule();
    await pauseSchedule(f.db, id);
    await updateSchedule(f.db, id, { cron: '0 12 * * *' });
    expect(await getSchedule(f.db, id)).toMatchObject({
      isPaused: true,
      nextOccurrenceAt: null,
      cron: '0 12 * * *',
    });
  });
});

test('a paused one does not fire, and what it would have fired in the pause does not come back', async () => {
  await using f = await createFixture();
  const id = await f.schedule();
  await pauseSchedule(f.db, id);
  await pauseSchedule(f.db, id);
  await f.setClock(DAY_MS);
  expect(await fireDueSchedules(f.db)).toEqual([]);
  await resumeSchedule(f.db, id);
  expect(await fireDueSchedules(f.db)).toEqual([]);
  const ms = await aheadMs(f, id);
  expect([ms > 0, ms <= DAY_MS]).toEqual([true, true]);
});

test('one that is due loses no occurrence when it is resumed though it was not paused', async () => {
  await using f = await createFixture();
  const id = await f.schedule();
  await f.setClock(2 * DAY_MS);
  await resumeSchedule(f.db, id);
  expect(await fireDueSchedules(f.db)).toMatchObject([{ scheduleId: id, outcome: 'submitted' }]);
});

test('one that was deleted is gone; its jobs stay', async () => {
  await using f = await createFixture();
  const id = await f.schedule();
  await f.setClock(2 * DAY_MS);
  const [fired] = await fireDueSchedules(f.db);
  await deleteSchedule(f.db, id);
  expect(await getSchedule(f.db, id)).toBeNull();
  expect(await listScheduleOccurrences(f.db, { scheduleId: id, limit: 10 })).toEqual([]);
  expect(await getJob(f.db, fired?.jobId ?? '')).toMatchObject({
    status: 'pending',
    scheduleId: null,
    scheduledFor: fired?.occursAt,
  });
});

test('what is not there cannot be changed', async () => {
  await using f = await createFixture();
  const id = randomUUID();
  await expect(updateSchedule(f.db, id, {})).rejects.toMatchObject(NOT_FOUND);
  await expect(pauseSchedule(f.db, id)).rejects.toMatchObject(NOT_FOUND);
  await expect(resumeSchedule(f.db, id)).rejects.toMatchObject(NOT_FOUND);
  await expect(deleteSchedule(f.db, id)).rejects.toMatchObject(NOT_FOUND);
});

test('the file of a schedule cannot go before the schedule', async () => {
  await using f = await createFixture();
  const { id: uploadId } = await addUpload(f);
  const id = await f.schedule({ uploadId });
  await expect(deleteUpload(f.db, uploadId)).rejects.toMatchObject({ code: '23503' });
  await deleteSchedule(f.db, id);
  await deleteUpload(f.db, uploadId);
});

test('a user who goes takes schedules along, with their files and occurrences', async () => {
  await using f = await createFixture();
  const { id: uploadId } = await addUpload(f);
  await f.schedule({ uploadId });
  await f.setClock(2 * DAY_MS);
  expect(await fireDueSchedules(f.db)).toHaveLength(1);
  await f.asOwner('delete from auth.users where id = $1', [f.user.id]);
  for (const table of [
    'automation_schedules',
    'automation_schedule_occurrences',
    'automation_uploads',
    'automation_jobs',
  ]) {
    expect((await f.db.query(`select from public.${table}`)).rowCount).toBe(0);
  }
});
