import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import axios from 'axios';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Api, GOOD_CSV, startApi } from './fixture.ts';
import { finishNextJob } from './run-by-hand.ts';

// The examples in the documentation of the earlier API, unchanged except for the access token, which it did not need.

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let admin: typeof user;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
  admin = await api.newUser(true);
});
afterAll(() => api[Symbol.asyncDispose]());

const bearer = (who: typeof user) => ({ authorization: `Bearer ${who.token}` });
const get = async (path: string, who = user) => {
  const response = await fetch(`${api.url}${path}`, { headers: bearer(who) });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

async function submit(): Promise<string> {
  const file = new Blob([GOOD_CSV]);
  const formData = new FormData();
  formData.append('file', file, 'fcr_numbers.csv');
  formData.append('serviceId', 'ctg-port-tracking');
  formData.append('userId', user.id);
  const response = await axios.post('/api/queue/submit', formData, {
    baseURL: api.url,
    headers: bearer(user),
  });
  expect(response.status).toBe(201);
  expect(response.data).toEqual({
    jobId: expect.any(String),
    queuePosition: expect.any(Number),
    estimatedWaitTime: null,
  });
  return response.data.jobId;
}

test('the axios example submits, and the endpoints follow the job to its results', async () => {
  const jobId = await submit();
  expect(await get(`/api/queue/status/${jobId}?userId=${user.id}`)).toMatchObject({
    status: 200,
    body: {
      id: jobId,
      status: 'pending',
      queuePosition: 1,
      wait: { code: 'no_worker' },
      waitReason: 'no worker for this service',
      fileName: 'fcr_numbers.csv',
    },
  });
  expect((await get(`/api/queue/user/${user.id}`)).body.jobs.map((job: { id: string }) => job.id)).toEqual([
    jobId,
  ]);
  expect((await get('/api/queue/info')).body).toMatchObject({
    pending: 1,
    processing: 0,
    activeWorkers: 0,
    storage: { usedBytes: GOOD_CSV.length, maxBytes: api.deps.config.maxStorageBytes },
  });
  await finishNextJob(api);
  const { status, body } = await get(`/api/queue/results/${jobId}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    jobId,
    status: 'completed',
    summary: { total: 1 },
    rows: [
      { index: 0, line: 2, key: 'CSQU3054383', status: 'completed', data: { yard: 'NCT' }, error: null },
    ],
    artifacts: [
      {
        name: 'résults "1".csv',
        contentType: 'text/csv',
        size: 4,
        url: expect.stringContaining('/api/artifacts/'),
      },
    ],
  });
  const file = await fetch(`${api.url}${body.artifacts[0].url}`, { headers: bearer(user) });
  expect(await file.text()).toBe('a,b\n');
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'text/csv',
    'content-disposition': `attachment; filename="r_sults _1_.csv"; filename*=UTF-8''r%C3%A9sults%20%221%22.csv`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  });
});

test('a pending job is cancelled; again it stays so; a finished one cannot be', async () => {
  const jobId = await submit();
  const cancel = async (id: string) =>
    (await fetch(`${api.url}/api/queue/cancel/${id}`, { method: 'POST', headers: bearer(user) })).status;
  // Clients of the earlier API send their own id along.
  expect(await cancel(`${jobId}?userId=${admin.id}`)).toBe(403);
  expect([await cancel(`${jobId}?userId=${user.id}`), await cancel(jobId)]).toEqual([200, 200]);
  const done = await submit();
  await finishNextJob(api);
  expect(await cancel(done)).toBe(409);
});

describe('the curl lines of the earlier API', () => {
  const curl = async (...args: string[]) =>
    JSON.parse(
      (
        await promisify(execFile)('curl', [
          '-s',
          '-H',
          `Authorization: Bearer ${admin.token}`,
          ...args.map((arg) => arg.replace('http://localhost:3001', api.url)),
        ])
      ).stdout,
    );

  test('show the workers, all jobs and those of a status, and clean up', async () => {
    expect(await curl('http://localhost:3001/api/admin/workers')).toBeInstanceOf(Array);
    expect((await curl('http://localhost:3001/api/admin/queue/all')).jobs.length).toBeGreaterThan(0);
    expect(await curl('http://localhost:3001/api/admin/queue/all?status=failed&limit=10')).toEqual({
      jobs: [],
      nextCursor: null,
    });
    expect(await curl('-X', 'POST', 'http://localhost:3001/api/admin/queue/cleanup')).toMatchObject({
      expiredJobs: expect.any(Number),
    });
  });

  test('submit a file', async () => {
    const path = join(tmpdir(), `${randomUUID()}.csv`);
    await writeFile(path, GOOD_CSV);
    expect(
      await curl(
        '-F',
        `file=@${path}`,
        '-F',
        'serviceId=ctg-port-tracking',
        'http://localhost:3001/api/queue/submit',
      ),
    ).toMatchObject({ jobId: expect.any(String) });
  });
});

test('the old direct run queues, waits, and says that it is deprecated', async () => {
  const formData = new FormData();
  formData.append('file', new Blob([GOOD_CSV]), 'a.csv');
  formData.append('serviceId', 'ctg-port-tracking');
  await api.pool.query(
    `select gantry.cancel_jobs(array(select id from public.automation_jobs where status = 'pending'), 'cancelled_by_owner', 86400000)`,
  );
  const answer = fetch(`${api.url}/api/run-automation`, {
    method: 'POST',
    headers: bearer(user),
    body: formData,
  });
  await expect.poll(async () => (await get('/api/queue/info')).body.pending).toBe(1);
  await finishNextJob(api);
  const response = await answer;
  expect(response.status).toBe(200);
  expect(response.headers.get('deprecation')).toBe('@1759276800');
  expect(JSON.parse(await response.text())).toMatchObject({ status: 'completed', rows: [{ index: 0 }] });
});

test('health and what a sign-in needs are told without a token', async () => {
  for (const path of ['/healthz', '/readyz', '/api/config'])
    expect((await fetch(`${api.url}${path}`)).status).toBe(200);
});
