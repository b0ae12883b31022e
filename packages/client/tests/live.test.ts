import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { claimJobs, completeJob, type LiveRequest, setQueue, submitJob, takeLiveViews } from '@gantry/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, type LiveFrame, type RunningJob } from '../src/index.ts';

// The machine may be busy with other tests.
let api: Api;
beforeAll(async () => {
  api = await startApi({ requestsPerMinute: 60 });
  await setQueue(api.pool, { name: 'default', concurrencyLimit: null });
});
afterAll(() => api[Symbol.asyncDispose]());

const clientOf = (token: string) => createGantryClient({ url: api.url, getToken: () => token });

/** A job that runs on a worker of which the test plays the part. */
async function startJob() {
  const owner = await api.newUser();
  const { jobId } = await submitJob(api.pool, { userId: owner.id, serviceId: 'no-file', input: { n: 1 } });
  const workerId = await api.addWorker();
  await claimJobs(api.pool, { workerId, limit: 1, leaseMs: 60_000 });
  const attempt = { jobId, attempt: 1 };
  return {
    owner,
    jobId,
    /** Waits until somebody asks for pictures of the job. */
    async untilAsked(): Promise<LiveRequest> {
      const asked: LiveRequest[] = [];
      await expect
        .poll(async () => {
          asked.push(...(await takeLiveViews(api.pool, { workerId, held: [attempt], limit: 1 })));
          return asked.length;
        })
        .toBe(1);
      return asked[0] ?? expect.unreachable();
    },
    end: () => completeJob(api.pool, { ...attempt, summary: {}, resultTtlMs: 60_000, browser: {} }),
  };
}

/** Brings a picture, as a worker does. */
async function bring(
  token: string,
  jpeg: Uint8Array<ArrayBuffer> = new Uint8Array(),
  contentType = 'image/jpeg',
): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
  const response = await fetch(`${api.url}/api/live/frames`, { method: 'POST', headers, body: jpeg });
  await response.arrayBuffer();
  return response.status;
}

const picture = (first: number, size = 1_000) => new Uint8Array(size).fill(first, 0, 1);

/** Looks at a job and keeps the first byte of each picture. */
function look(jobId: string, token: string) {
  const abort = new AbortController();
  const seen: (number | undefined)[] = [];
  const end = (async () => {
    for await (const { image } of clientOf(token).jobs.live(jobId, { signal: abort.signal }))
      seen.push(new Uint8Array(await image.arrayBuffer())[0]);
  })();
  return {
    seen,
    end,
    async [Symbol.asyncDispose]() {
      abort.abort();
      await end;
    },
  };
}

/** Looks at a job without reading anything of the answer. */
async function stare(jobId: string, token: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}` };
  const [response]: IncomingMessage[] = await once(
    get(`${api.url}/api/queue/live/${jobId}`, { headers }),
    'response',
  );
  if (!response) throw new Error('There is an answer.');
  response.pause();
  return response;
}

test('pictures are for the owner and for admins; to everybody else the job is not there', async () => {
  const job = await startJob();
  const stranger = await api.newUser();
  for (const [token, status] of [
    [stranger.token, 404],
    ['not.a.token', 401],
  ] as const) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${api.url}/api/queue/live/${job.jobId}`, { headers });
    expect(response.status).toBe(status);
  }
  await expect(look(job.jobId, stranger.token).end).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });

  const admin = await api.newUser(true);
  await using _first = look(job.jobId, job.owner.token);
  await using second = look(job.jobId, admin.token);
  const { token, url } = await job.untilAsked();
  expect(url).toBe(api.url);
  expect(await bring(token, picture(7))).toBe(204);
  await expect.poll(() => second.seen).toEqual([7]);
});

test('a stream says that it must not be kept, and ends when the job does', async () => {
  const job = await startJob();
  const response = await stare(job.jobId, job.owner.token);
  expect(response.headers).toMatchObject({
    'content-type': 'multipart/mixed; boundary=gantry-live',
    'cache-control': 'no-store, no-transform',
  });
  await job.end();
  let text = '';
  for await (const chunk of response) text += String(chunk);
  expect(text).toContain('"state":"ended"');
  expect(text.endsWith('--gantry-live--\r\n')).toBe(true);
});

test('the last picture is there for whoever comes late', async () => {
  const job = await startJob();
  await using _early = look(job.jobId, job.owner.token);
  const { token } = await job.untilAsked();
  for (const first of [1, 2, 3]) await bring(token, picture(first));
  await using late = look(job.jobId, job.owner.token);
  await expect.poll(() => late.seen).toEqual([3]);
});

test('a token is good while somebody looks at the attempt, and for nothing before and after', async () => {
  const job = await startJob();
  const early = look(job.jobId, job.owner.token);
  const { token } = await job.untilAsked();
  expect(await bring('x'.repeat(43))).toBe(410);
  expect(await bring(token, picture(1))).toBe(204);
  expect(await bring(token, picture(1, 1_000_001))).toBe(413);
  for (const contentType of ['application/json', 'text/plain'])
    expect(await bring(token, new TextEncoder().encode('{}'), contentType)).toBe(415);
  await job.end();
  await early.end;
  expect(await bring(token, picture(2))).toBe(410);
  expect(early.seen).toEqual([1]);
});

test('soon after the last viewer has gone the worker is told to stop', async () => {
  const job = await startJob();
  const viewer = look(job.jobId, job.owner.token);
  const { token } = await job.untilAsked();
  expect(await bring(token)).toBe(204);
  await viewer[Symbol.asyncDispose]();
  await expect.poll(() => bring(token)).toBe(410);
});

test('a viewer that does not read misses pictures, and keeps nobody waiting', async () => {
  const job = await startJob();
  const slow = await stare(job.jobId, job.owner.token);
  await using quick = look(job.jobId, job.owner.token);
  const { token } = await job.untilAsked();
  // More than all the buffers between hold.
  const COUNT = 100;
  for (let first = 1; first <= COUNT; first++) expect(await bring(token, picture(first, 400_000))).toBe(204);
  await expect.poll(() => quick.seen.at(-1)).toBe(COUNT);

  let bytes = 0;
  slow.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  slow.resume();
  await job.end();
  await once(slow, 'end');
  expect(bytes).toBeLessThan((COUNT * 400_000) / 2);
});

test('pictures do not count as requests of anybody', async () => {
  const job = await startJob();
  await using viewer = look(job.jobId, job.owner.token);
  const { token } = await job.untilAsked();
  const statuses = new Set<number>();
  for (let count = 0; count < 80; count++) statuses.add(await bring(token, picture(count)));
  expect([...statuses]).toEqual([204]);
  await expect.poll(() => viewer.seen.at(-1)).toBe(79);
});

test('so many may be looked at, and no more', async () => {
  const job = await startJob();
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 10; count++) {
    const response = await stare(job.jobId, job.owner.token);
    stack.defer(() => void response.destroy());
  }
  await expect(look(job.jobId, job.owner.token).end).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('admins see all that runs on one stream; nobody else does', async () => {
  const job = await startJob();
  const admin = await api.newUser(true);
  const abort = new AbortController();
  const jobs: RunningJob[][] = [];
  const frames: LiveFrame[] = [];
  const options = { signal: abort.signal, onJobs: (running: RunningJob[]) => void jobs.push(running) };
  const end = (async () => {
    for await (const frame of clientOf(admin.token).admin.live(options)) frames.push(frame);
  })();
  const { token, size } = await job.untilAsked();
  expect(size).toBe('small');
  await bring(token, picture(1));
  await expect.poll(() => frames.map(({ jobId }) => jobId)).toContain(job.jobId);
  expect(jobs.at(-1)?.find(({ jobId }) => jobId === job.jobId)).toMatchObject({
    serviceName: 'CTG Port Authority Tracking',
    userEmail: job.owner.email,
  });
  await job.end();
  const running = () => jobs.at(-1)?.map(({ jobId }) => jobId);
  await expect.poll(running).not.toContain(job.jobId);
  abort.abort();
  await end;

  const grid = clientOf(job.owner.token).admin.live();
  await expect(grid.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
