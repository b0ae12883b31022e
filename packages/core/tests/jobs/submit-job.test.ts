import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { createUpload, getJob, getJobEvents, newUploadKey, submitJob } from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

const upload = (f: Fixture, userId = f.user.id) =>
  createUpload(f.db, {
    userId,
    storageKey: newUploadKey(),
    fileName: 'containers.csv',
    contentType: 'text/csv',
    size: 10,
    sha256: HASH,
    rowCount: 2,
  });

test('a submitted job is pending, with the limits of its service, and its history begins', async () => {
  await using f = await createFixture();
  const { id: uploadId } = await upload(f);
  const jobId = await f.submit({ uploadId, priority: 1 });
  expect(await getJob(f.db, jobId)).toMatchObject({
    userId: f.user.id,
    serviceName: 'A service',
    status: 'pending',
    cause: { code: 'submitted' },
    priority: 1,
    attempt: 0,
    maxAttempts: 3,
    progress: null,
    fileName: 'containers.csv',
    eventSeq: 1,
    expiresAt: null,
  });
  expect(await getJobEvents(f.db, { jobId, afterSeq: 0, limit: 10 })).toEqual([
    {
      jobId,
      seq: 1,
      attempt: 0,
      type: 'state',
      data: { to: 'pending', cause: { code: 'submitted' }, reason: 'submitted' },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  ]);
});

test.each([
  ['an unknown service', { serviceId: 'no-such-service' }, 'SERVICE_NOT_FOUND'],
  ['an unknown upload', { uploadId: randomUUID() }, 'UPLOAD_NOT_FOUND'],
  ['an impossible priority', { priority: 3 }, 'VALUE_INVALID'],
  ['a date that is none', { runAt: 'tomorrow-ish' }, 'VALUE_INVALID'],
  ['an id that is none', { uploadId: 'upload-7' }, 'VALUE_INVALID'],
  ['a NUL in the input', { input: { text: 'a\0' } }, 'VALUE_INVALID'],
  ['half a character in the input', { input: { text: '\uD83D' } }, 'VALUE_INVALID'],
  ['an idempotency key without a hash', { idempotencyKey: 'k' }, 'VALUE_INVALID'],
])('%s is refused and leaves nothing', async (_what, o, code) => {
  await using f = await createFixture();
  await expect(f.submit(o)).rejects.toMatchObject({ code });
  expect((await f.db.query('select from public.automation_jobs')).rowCount).toBe(0);
});

test('a service that an admin has taken off is refused', async () => {
  await using f = await createFixture();
  await f.db.query('update public.automation_services set is_enabled = false');
  await expect(f.submit()).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
  await f.publish({ version: '2' });
  await expect(f.submit()).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
});

test('the upload of somebody else is refused', async () => {
  await using f = await createFixture();
  const other = await f.database.createUser();
  const { id: uploadId } = await upload(f, other.id);
  await expect(f.submit({ uploadId })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
});

describe('the same idempotency key', () => {
  const keyed = { idempotencyKey: 'my-key', payloadSha256: HASH };

  test('with the same payload returns the first job', async () => {
    await using f = await createFixture();
    const job = { userId: f.user.id, serviceId: 'a-service', input: {}, ...keyed };
    const first = await submitJob(f.db, job);
    expect(first.isNew).toBe(true);
    expect(await submitJob(f.db, job)).toEqual({ jobId: first.jobId, isNew: false });
  });

  test('with another payload is a conflict', async () => {
    await using f = await createFixture();
    await f.submit(keyed);
    await expect(f.submit({ ...keyed, payloadSha256: OTHER_HASH })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });

  test('of another user has nothing to do with it', async () => {
    await using f = await createFixture();
    const other = await f.database.createUser();
    expect(await f.submit(keyed)).not.toBe(await f.submit({ ...keyed, userId: other.id }));
  });

  test('from many requests at once makes one job', async () => {
    await using f = await createFixture();
    const ids = await Promise.all(Array.from({ length: 20 }, () => f.submit(keyed)));
    expect(new Set(ids).size).toBe(1);
    expect((await f.db.query('select from public.automation_jobs')).rowCount).toBe(1);
  });
});

test('who waits for jobs is told', async () => {
  await using f = await createFixture();
  await using heard = await f.listen('gantry_jobs');
  await f.submit();
  await expect.poll(() => heard.payloads).toEqual(['default']);
});

test('a user who goes takes jobs and uploads along, also while one runs', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const { id: uploadId } = await upload(f);
  await f.submit({ uploadId });
  await f.claim(worker);
  await f.submit({ uploadId });
  await f.asOwner('delete from auth.users where id = $1', [f.user.id]);
  for (const table of ['automation_jobs', 'automation_uploads', 'automation_job_events']) {
    expect((await f.db.query(`select from public.${table}`)).rowCount).toBe(0);
  }
});
