import { claimJobs, completeJob, failJob } from '@gantry/core';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type Api, formOf, startApi } from './fixture.ts';
import { exchange, parseAnswer } from './raw-http.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let admin: typeof user;
beforeAll(async () => {
  api = await startApi({ maxUnfinishedJobs: 40 });
  admin = await api.newUser(true);
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  await deleteJobs('true');
  user = await api.newUser();
});

/** Deletes jobs as the owner of the table. */
async function deleteJobs(where: string): Promise<void> {
  const owner = new pg.Client({ connectionString: api.database.databaseUrl });
  await owner.connect();
  await owner.query(`delete from public.automation_jobs where ${where}`);
  await owner.end();
}

const LIST = 'Container No\nMSCU6639870\n';

async function rest(method: string, path: string, body?: object, who = user) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${who.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function mutate(name: string, input: object, who = user) {
  const { body } = await rest('POST', `/api/trpc/${name}`, input, who);
  return body.result?.data ?? body.error;
}

async function submitFile(fields: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/api/queue/submit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: formOf({ serviceId: 'ctg-port-tracking', ...fields }, { content: LIST }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

/** Runs every job that can run now, as a worker would. */
async function runAll(end: 'complete' | 'fail' = 'complete'): Promise<number> {
  const workerId = await api.addWorker();
  const jobs = await claimJobs(api.pool, { workerId, limit: 100, leaseMs: 60_000 });
  for (const { jobId, attempt } of jobs) {
    const ref = { jobId, attempt, resultTtlMs: 60_000, browser: {} };
    if (end === 'complete') await completeJob(api.pool, { ...ref, summary: null });
    else {
      const error = { code: 'BROKEN', message: 'It broke.' };
      await failJob(api.pool, { ...ref, error, isPermanent: true, backoffMs: 1, maxBackoffMs: 1 });
    }
  }
  return jobs.length;
}

const job = { serviceId: 'no-file', input: { n: 1 } };
const submit = async (o: object = {}): Promise<string> =>
  (await mutate('jobs.submit', { ...job, ...o })).jobId;
const statusOf = async (jobId: string) => (await rest('GET', `/api/queue/status/${jobId}`)).body;

describe('a job that runs after others', () => {
  test('waits for them, says so, and can tell which they are', async () => {
    const first = await submit();
    const second = await submit({
      dependsOn: [{ jobId: first, onFailure: 'run' }],
      tags: ['night', 'night', ' a '],
    });
    expect(await statusOf(second)).toMatchObject({
      status: 'pending',
      blockedBy: 1,
      queuePosition: null,
      wait: { code: 'blocked', count: 1 },
      waitReason: 'waits for 1 job',
      tags: ['night', 'a'],
    });
    expect((await rest('GET', `/api/queue/dependencies/${second}`)).body).toMatchObject({
      dependsOn: [{ jobId: first, status: 'pending', onFailure: 'run', isOpen: true }],
      dependents: [],
    });
    await runAll();
    expect(await statusOf(second)).toMatchObject({ blockedBy: 0, queuePosition: 1 });
  });

  test('may have a file', async () => {
    const first = await submit();
    const dependsOn = JSON.stringify([{ jobId: first }]);
    const { status, body } = await submitFile({ dependsOn, tags: '["night"]', idempotencyKey: 'k' });
    expect(status).toBe(201);
    expect(await statusOf(body.jobId)).toMatchObject({ blockedBy: 1, tags: ['night'] });
    const again = { dependsOn, tags: '["night"]', idempotencyKey: 'k' };
    expect(await submitFile(again)).toMatchObject({ status: 200, body: { jobId: body.jobId } });
    expect(await submitFile({ ...again, tags: '["day"]' })).toMatchObject({ status: 409 });
  });

  test.each([
    ['dependsOn', 'first'],
    ['dependsOn', '[{"jobId":"7"}]'],
    ['tags', '"night"'],
    ['tags', `["${'x'.repeat(41)}"]`],
  ])('is refused when its form is wrong: %s %s', async (field, value) => {
    expect(await submitFile({ [field]: value })).toMatchObject({
      status: 400,
      body: { error: { code: 'INPUT_INVALID', message: expect.stringContaining(field) } },
    });
  });

  test('cannot run after the job of somebody else', async () => {
    const other = await api.newUser();
    const theirs = (await mutate('jobs.submit', job, other)).jobId;
    expect((await mutate('jobs.submit', { ...job, dependsOn: [{ jobId: theirs }] })).data).toMatchObject({
      code: 'DEPENDENCY_NOT_FOUND',
      httpStatus: 404,
    });
  });
});

describe('many jobs', () => {
  const submitMany = (jobs: object[]) => rest('POST', '/api/queue/submit-many', { jobs });

  test('are submitted in one request, each with its own outcome', async () => {
    const { status, body } = await submitMany([
      { ...job, dependsOn: [{ index: 4 }] },
      { ...job, serviceId: 'unknown' },
      { ...job, input: { n: 'one' } },
      { ...job, dependsOn: [{ index: 2 }] },
      { ...job, tags: ['night'] },
      { ...job, priority: 2 },
      { serviceId: 'ctg-port-tracking' },
      { ...job, dependsOn: [{ index: 7 }] },
    ]);
    expect(status).toBe(200);
    const refused = (code: string) => ({
      jobId: null,
      isNew: false,
      error: { code, message: expect.any(String) },
    });
    const accepted = { jobId: expect.any(String), isNew: true, error: null };
    expect(body.jobs).toEqual([
      accepted,
      refused('SERVICE_NOT_FOUND'),
      refused('INPUT_INVALID'),
      refused('DEPENDENCY_NOT_FOUND'),
      accepted,
      refused('PRIORITY_NOT_ALLOWED'),
      refused('FILE_REQUIRED'),
      refused('DEPENDENCY_CYCLE'),
    ]);
    expect(await statusOf(body.jobs[0].jobId)).toMatchObject({ blockedBy: 1 });
  });

  test('may be a thousand and large; of more than the user may have, the first are taken', async () => {
    const jobs = Array.from({ length: 1000 }, (_, n) => ({
      ...job,
      idempotencyKey: `key-${n}-${'x'.repeat(180)}`,
    }));
    const { body } = await submitMany(jobs);
    const codes = body.jobs.map((outcome: { error: { code: string } | null }) => outcome.error?.code ?? 'ok');
    expect(codes).toEqual([...Array(40).fill('ok'), ...Array(960).fill('QUOTA_EXCEEDED')]);
    expect((await submitMany(jobs.slice(0, 41))).body.jobs.at(-1)).toMatchObject({
      error: { code: 'QUOTA_EXCEEDED' },
    });
    expect((await submitMany(jobs.slice(0, 40))).body.jobs.at(-1)).toMatchObject({
      isNew: false,
      error: null,
    });
  });

  describe('over tRPC', () => {
    const large = Array.from({ length: 1000 }, () => ({ ...job, tags: ['x'.repeat(40), 'y'.repeat(40)] }));
    const post = (path: string, body: object) => rest('POST', `/api/trpc/${path}`, body);

    test('may be as large as over REST, alone and as a batch of one', async () => {
      const alone = await post('jobs.submitMany', { jobs: large });
      expect(alone).toMatchObject({ status: 200, body: { result: { data: { jobs: { length: 1000 } } } } });
      const batched = await post('jobs.submitMany?batch=1', { 0: { jobs: large } });
      expect(batched).toMatchObject({
        status: 200,
        body: [{ result: { data: { jobs: { length: 1000 } } } }],
      });
    });

    test.each([
      ['jobs.submitMany', { jobs: [{ ...job, input: 'x'.repeat(4_000_000) }] }, 413, 'BODY_TOO_LARGE'],
      ['jobs.submitMany,jobs.submit?batch=1', { 0: { jobs: large } }, 413, 'BODY_TOO_LARGE'],
      ['jobs.submitMany%2Cjobs.submit?batch=1', { 0: { jobs: large } }, 413, 'BODY_TOO_LARGE'],
      ['jobs.submit', { jobs: large }, 413, 'BODY_TOO_LARGE'],
    ])('%s is refused when it is larger than that route may read', async (path, body, status, code) => {
      expect(await post(path, body)).toMatchObject({ status, body: { error: { code } } });
    });

    test('are not read at all for somebody without a good token', async () => {
      const head = ['POST /api/trpc/jobs.submitMany HTTP/1.1', 'host: localhost', 'connection: close'];
      const lines = [...head, 'authorization: Bearer x', 'content-type: application/json'];
      const answer = await exchange(api.url, [...lines, 'content-length: 3000000', '', ''].join('\r\n'));
      expect(parseAnswer(answer)).toEqual({ status: 401, code: 'TOKEN_INVALID' });
    });

    test('that are no JSON, or no list, are refused in the words of a procedure', async () => {
      const none = await post('jobs.submitMany', { jobs: [] });
      expect(none).toMatchObject({ status: 400, body: { error: { data: { code: 'INPUT_INVALID' } } } });
      const response = await fetch(`${api.url}/api/trpc/jobs.submitMany`, {
        method: 'POST',
        headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
        body: '{',
      });
      expect(response.status).toBe(400);
      expect(JSON.parse(await response.text())).toMatchObject({ error: { data: { code: 'BAD_REQUEST' } } });
    });
  });

  test('are refused altogether when the list is none', async () => {
    for (const jobs of [[], Array.from({ length: 1001 }, () => job), [{ ...job, unknown: 1 }]]) {
      expect(await submitMany(jobs)).toMatchObject({
        status: 400,
        body: { error: { code: 'INPUT_INVALID' } },
      });
    }
    const response = await fetch(`${api.url}/api/queue/submit-many`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jobs: [{ ...job, input: 'x'.repeat(1_000_000) }] }),
    });
    expect(response.status).toBe(401);
  });
});

test('a user who has too many unfinished jobs is told what to do, with and without a file', async () => {
  await rest('POST', '/api/queue/submit-many', { jobs: Array.from({ length: 40 }, () => job) });
  const refused = {
    code: 'QUOTA_EXCEEDED',
    message: expect.stringContaining('Wait until some have finished'),
  };
  expect(await submitFile()).toMatchObject({ status: 429, body: { error: refused } });
  expect((await mutate('jobs.submit', job)).data).toMatchObject({ code: 'QUOTA_EXCEEDED', httpStatus: 429 });
  await api.pool.query(`update public.automation_queues set concurrency_limit = null`);
  await runAll();
  expect(await submitFile()).toMatchObject({ status: 201 });
});

describe('cancelling what a filter selects', () => {
  test('counts first, then cancels those, and touches nobody else’s', async () => {
    const other = await api.newUser();
    const theirs = (await mutate('jobs.submit', { ...job, tags: ['night'] }, other)).jobId;
    for (let i = 0; i < 3; i++) await submit({ tags: ['night'] });
    const kept = await submit();
    const { body: counted } = await rest('GET', '/api/queue/cancellable?tag=night');
    expect(counted).toMatchObject({ count: 3 });
    const late = await submit({ tags: ['night'] });
    const cancel = { tag: 'night', selection: counted.selection };
    expect(await rest('POST', '/api/queue/cancel-many', { selection: counted.selection })).toMatchObject({
      status: 409,
      body: { error: { code: 'SELECTION_INVALID' } },
    });
    expect(await rest('POST', '/api/queue/cancel-many', cancel, other)).toMatchObject({ status: 409 });
    expect(await rest('POST', '/api/queue/cancel-many', cancel)).toEqual({
      status: 200,
      body: { cancelled: 3 },
    });
    for (const jobId of [kept, late]) expect(await statusOf(jobId)).toMatchObject({ status: 'pending' });
    expect(await rest('GET', `/api/queue/status/${theirs}`, undefined, admin)).toMatchObject({
      body: { status: 'pending' },
    });
  });

  test('an admin cancels and retries everybody’s', async () => {
    await submit();
    await mutate('jobs.submit', job, await api.newUser());
    const { body: cancellable } = await rest('GET', '/api/admin/queue/cancellable', undefined, admin);
    expect(cancellable.count).toBe(2);
    await api.pool.query(`update public.automation_queues set concurrency_limit = null`);
    expect(await runAll('fail')).toBe(2);
    const { body: failed } = await rest('GET', `/api/admin/queue/failed?userId=${user.id}`, undefined, admin);
    expect(failed.count).toBe(1);
    const { selection } = failed;
    expect(
      (await rest('POST', '/api/admin/queue/retry-many', { selection, userId: user.id }, admin)).body,
    ).toEqual({
      retried: 1,
    });
    const { body: again } = await rest('GET', '/api/admin/queue/cancellable', undefined, admin);
    expect(
      (await rest('POST', '/api/admin/queue/cancel-many', { selection: again.selection }, admin)).body,
    ).toEqual({
      cancelled: 1,
    });
  });
});

describe('running a job again', () => {
  test('makes a new one of the same, but for what is changed', async () => {
    const jobId = await submit({ tags: ['night'], priority: 1 });
    expect(await rest('POST', `/api/queue/rerun/${jobId}`, {})).toMatchObject({
      status: 409,
      body: { error: { code: 'JOB_NOT_FINISHED' } },
    });
    await runAll();
    const { body } = await rest('POST', `/api/queue/rerun/${jobId}`, { input: { n: 2 } });
    expect(await statusOf(body.jobId)).toMatchObject({ rerunOf: jobId, tags: ['night'], priority: 1 });
    const again = (await mutate('jobs.rerun', { jobId: body.jobId })).data;
    expect(again).toMatchObject({ code: 'JOB_NOT_FINISHED' });
    expect(
      (
        await rest(
          'GET',
          `/api/trpc/jobs.input?input=${encodeURIComponent(JSON.stringify({ jobId: body.jobId }))}`,
        )
      ).body.result.data,
    ).toEqual({
      input: { n: 2 },
      uploadId: null,
    });
    expect(await rest('POST', `/api/queue/rerun/${jobId}`, { input: { n: 'two' } })).toMatchObject({
      status: 400,
    });
  });

  test('uses the same file, which stays when the first job is gone', async () => {
    const { body: first } = await submitFile();
    await runAll();
    const { body: second } = await rest('POST', `/api/queue/rerun/${first.jobId}`);
    expect(await statusOf(second.jobId)).toMatchObject({ fileName: 'fcr_numbers.csv', rerunOf: first.jobId });
    await deleteJobs(`id = '${first.jobId}'`);
    await api.pool.query(`update public.automation_uploads set created_at = now() - interval '1 month'`);
    await rest('POST', '/api/admin/queue/cleanup', undefined, admin);
    const workerId = await api.addWorker();
    const [claimed] = await claimJobs(api.pool, { workerId, limit: 1, leaseMs: 60_000 });
    const chunks = await (await api.storage.get(claimed?.file?.storageKey ?? '')).toArray();
    expect(chunks.join('')).toBe(LIST);
    expect(await statusOf(second.jobId)).toMatchObject({ rerunOf: null });
  });

  test('runs after the same jobs, but for those that did not complete', async () => {
    const good = await submit();
    await runAll();
    const bad = await submit();
    await runAll('fail');
    const jobId = await submit({ dependsOn: [{ jobId: good }, { jobId: bad }] });
    expect(await statusOf(jobId)).toMatchObject({ status: 'failed', error: { code: 'DEPENDENCY_FAILED' } });
    const { body } = await rest('POST', `/api/queue/rerun/${jobId}`, {});
    expect((await rest('GET', `/api/queue/dependencies/${body.jobId}`)).body).toMatchObject({
      dependsOn: [{ jobId: good, isOpen: false }],
    });
    expect(await statusOf(body.jobId)).toMatchObject({ status: 'pending', blockedBy: 0 });
  });

  test('by an admin, it stays the owner’s', async () => {
    const { body: first } = await submitFile();
    await runAll();
    const { body } = await rest('POST', `/api/queue/rerun/${first.jobId}`, undefined, admin);
    expect(await statusOf(body.jobId)).toMatchObject({ userId: user.id });
  });
});

test('lists are filtered by tag and time', async () => {
  const first = await submit({ tags: ['night'] });
  const { createdAt } = await statusOf(first);
  const idsOf = async (query: string) =>
    (await rest('GET', `/api/queue/user/${user.id}?${query}`)).body.jobs.map(({ id }: { id: string }) => id);
  await submit();
  expect(await idsOf('tag=night')).toEqual([first]);
  expect(await idsOf(`to=${createdAt}`)).toEqual([]);
  expect(await idsOf(`from=${createdAt}`)).toHaveLength(2);
});
