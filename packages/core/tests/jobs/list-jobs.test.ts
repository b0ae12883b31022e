import type { Job, JsonObject } from '@gantry/contract';
import { expect, test } from 'vitest';

import {
  completeJob,
  createUpload,
  failJob,
  getJob,
  type JobFilter,
  listJobs,
  newUploadKey,
  withUser,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture } from '../fixture.ts';

async function submitFile(f: Fixture, fileName: string): Promise<string> {
  const upload = await createUpload(f.db, {
    userId: f.user.id,
    storageKey: newUploadKey(),
    fileName,
    contentType: 'text/csv',
    size: 1,
    sha256: 'a'.repeat(64),
    rowCount: 1,
  });
  return f.submit({ uploadId: upload.id });
}

const idsOf = async (f: Fixture, filter: JobFilter) =>
  (await listJobs(f.db, { ...filter, limit: 50 })).jobs.map((job) => job.id);

test('pages follow each other, newest first, and what is submitted meanwhile moves nothing', async () => {
  await using f = await createFixture();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift(await f.submit());
  const first = await listJobs(f.db, { limit: 2 });
  await f.submit();
  const second = await listJobs(f.db, { limit: 2, cursor: first.nextCursor ?? '' });
  const third = await listJobs(f.db, { limit: 2, cursor: second.nextCursor ?? '' });
  expect([first, second, third].map((page) => page.jobs.map((job) => job.id))).toEqual([
    ids.slice(0, 2),
    ids.slice(2, 4),
    ids.slice(4),
  ]);
  expect(third.nextCursor).toBeNull();
});

test('a page that is exactly full is the last one', async () => {
  await using f = await createFixture();
  await f.submit();
  expect((await listJobs(f.db, { limit: 1 })).nextCursor).toBeNull();
});

test('jobs are found by owner, status, service, tag, name of the file or service, and beginning or end of the id', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'elsewhere', name: 'Harbour Watch' });
  const other = await f.database.createUser();
  const boxes = await submitFile(f, 'Container-Boxes.csv');
  const theirs = await f.submit({ userId: other.id });
  const watch = await f.submit({ serviceId: 'elsewhere', tags: ['Berth 7', 'night'] });
  await f.claim(await f.addWorker());
  expect(await idsOf(f, { userId: other.id })).toEqual([theirs]);
  expect(await idsOf(f, { status: 'processing' })).toEqual([boxes]);
  expect(await idsOf(f, { serviceId: 'elsewhere' })).toEqual([watch]);
  expect(await idsOf(f, { search: 'container-b' })).toEqual([boxes]);
  expect(await idsOf(f, { search: 'harbour' })).toEqual([watch]);
  expect(await idsOf(f, { search: theirs.slice(0, 13).toUpperCase() })).toEqual([theirs]);
  expect(await idsOf(f, { search: theirs.slice(-8).toUpperCase() })).toEqual([theirs]);
  expect(await idsOf(f, { search: theirs.slice(1, 13) })).toEqual([]);
  expect(await idsOf(f, { search: 'container', status: 'pending' })).toEqual([]);
  expect(await idsOf(f, { tag: 'night' })).toEqual([watch]);
  expect(await idsOf(f, { tag: 'nigh' })).toEqual([]);
  expect(await idsOf(f, { search: 'berth' })).toEqual([watch]);
});

test('jobs are found by when they were submitted: from a time, and before another', async () => {
  await using f = await createFixture();
  const jobs: Job[] = [];
  for (let i = 0; i < 3; i++) {
    const job = await getJob(f.db, await f.submit());
    if (job) jobs.push(job);
  }
  const [one, two, three] = jobs;
  // To the millisecond, as times are told.
  await f.asOwner(`update public.automation_jobs set created_at = date_trunc('milliseconds', created_at)`);
  expect(await idsOf(f, { from: two?.createdAt })).toEqual([three?.id, two?.id]);
  expect(await idsOf(f, { to: two?.createdAt })).toEqual([one?.id]);
  expect(await idsOf(f, { from: two?.createdAt, to: three?.createdAt })).toEqual([two?.id]);
  await expect(idsOf(f, { from: 'yesterday-ish' })).rejects.toMatchObject({ code: 'VALUE_INVALID' });
});

test('the tags of a job are told; too many, too long or empty ones are refused', async () => {
  await using f = await createFixture();
  expect(await getJob(f.db, await f.submit({ tags: ['b', 'a'] }))).toMatchObject({ tags: ['b', 'a'] });
  expect(await getJob(f.db, await f.submit({ tags: [] }))).toMatchObject({ tags: [] });
  for (const tags of [[''], ['x'.repeat(41)], Array.from({ length: 11 }, String), ['a\0']]) {
    await expect(f.submit({ tags }), tags.join()).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  }
});

test.each(['%', '_', '\\', '100%_'])('%j is searched for as it stands', async (search) => {
  await using f = await createFixture();
  await submitFile(f, 'plain.csv');
  const special = await submitFile(f, String.raw`100%_\ sure.csv`);
  expect(await idsOf(f, { search })).toEqual([special]);
});

test('a cursor that was not given for this list is refused', async () => {
  await using f = await createFixture();
  await f.submit();
  await f.submit();
  const { nextCursor } = await listJobs(f.db, { limit: 1, status: 'pending' });
  const forged = Buffer.from(JSON.stringify({ seq: "1'; --", filter: 'x' })).toString('base64url');
  for (const cursor of [nextCursor ?? '', forged, 'no cursor', '', 'e30']) {
    await expect(listJobs(f.db, { limit: 1, status: 'failed', cursor })).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
  }
});

test('a list says how many rows of a completed job failed, if the summary of the job counts them', async () => {
  await using f = await createFixture();
  const failedRows = async () => {
    const { jobs } = await withUser(f.db, { sub: f.user.id }, (db) => listJobs(db, { limit: 1 }));
    return jobs[0]?.failedRows;
  };
  const complete = async (summary: JsonObject | null) => {
    await completeJob(f.db, { ...(await f.start()), summary, ...END });
    return failedRows();
  };
  expect(await complete({ total: 3, failed: 3 })).toBe(3);
  expect(await complete({ total: 3, failed: 0 })).toBe(0);
  for (const failed of [-1, 0.5, '3', [3], null]) expect(await complete({ failed })).toBeNull();
  expect(await complete({ total: 3 })).toBeNull();
  expect(await complete(null)).toBeNull();
  await failJob(f.db, { ...(await f.start()), ...FAIL, isPermanent: true });
  expect(await failedRows()).toBeNull();
});
