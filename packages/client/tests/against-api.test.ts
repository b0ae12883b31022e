import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { addArtifact, appendEvents, claimJobs, completeJob } from '@gantry/core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, GOOD_CSV, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, GantryApiError, type JobEvent } from '../src/index.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
});
afterAll(() => api[Symbol.asyncDispose]());

const clientOf = (url = api.url) => createGantryClient({ url, getToken: () => user.token });
const file = { name: 'fcr_numbers.csv', data: new Blob([GOOD_CSV]) };

/** Claims the job, and reports and finishes it as a worker would. */
async function claim() {
  const workerId = await api.addWorker();
  const [job] = await claimJobs(api.pool, { workerId, limit: 1, leaseMs: 60_000 });
  if (!job) throw new Error('nothing to claim');
  const attempt = { jobId: job.jobId, attempt: job.attempt };
  return {
    row: (index: number) =>
      appendEvents(api.pool, {
        ...attempt,
        events: [
          { type: 'row', data: { index, key: `K${index}`, status: 'completed', data: {}, error: null } },
        ],
      }),
    async artifact(body: Buffer) {
      const storageKey = `jobs/${job.jobId}/1/${randomUUID()}`;
      const id = randomUUID();
      const stored = await api.storage.put(storageKey, body, { contentType: 'text/csv' });
      await addArtifact(api.pool, {
        ...attempt,
        id,
        name: 'results.csv',
        contentType: 'text/csv',
        storageKey,
        rowIndex: null,
        ...stored,
      });
      return id;
    },
    complete: () =>
      completeJob(api.pool, { ...attempt, summary: { total: 1 }, resultTtlMs: 60_000, browser: {} }),
  };
}

/** A door to the API whose connections can be broken. */
async function openBreakableDoor() {
  const target = new URL(api.url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    breakAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    [Symbol.dispose]() {
      this.breakAll();
      server.close();
    },
  };
}

test('submits with progress, waits, and downloads what the job made', async () => {
  const gantry = clientOf();
  const progress: number[] = [];
  const { jobId } = await gantry.jobs.submit(
    { serviceId: 'ctg-port-tracking', file },
    { onUploadProgress: ({ sentBytes, totalBytes }) => progress.push(sentBytes / totalBytes) },
  );
  expect(progress.at(-1)).toBe(1);
  expect(await gantry.jobs.status(jobId)).toMatchObject({
    status: 'pending',
    fileName: 'fcr_numbers.csv',
    queuePosition: 1,
  });

  const finished = gantry.jobs.waitFor(jobId, { timeoutMs: 20_000 });
  const job = await claim();
  await job.row(0);
  const artifactId = await job.artifact(Buffer.from('bytes, as they are\n'));
  await job.complete();
  expect(await finished).toMatchObject({ status: 'completed' });
  expect(await gantry.jobs.results(jobId)).toMatchObject({
    summary: { total: 1 },
    rows: [{ key: 'K0' }],
    artifacts: [{ id: artifactId }],
  });
  expect(await (await gantry.jobs.download(artifactId)).text()).toBe('bytes, as they are\n');
});

test('a watch whose connection breaks again and again misses nothing and repeats nothing', {
  timeout: 60_000,
}, async () => {
  using door = await openBreakableDoor();
  const gantry = clientOf(door.url);
  const { jobId } = await gantry.jobs.submit({ serviceId: 'ctg-port-tracking', file });
  const seen: JobEvent[] = [];
  const watching = (async () => {
    for await (const event of gantry.jobs.watch(jobId)) seen.push(event);
  })();
  const job = await claim();
  for (let index = 0; index < 12; index++) {
    await job.row(index);
    if (index % 4 === 3) {
      // Broken while events have arrived and more are on their way.
      await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(index / 2);
      door.breakAll();
    }
  }
  await job.complete();
  await watching;
  expect(seen.map((event) => event.seq)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  expect(seen.at(-1)).toMatchObject({ type: 'state', data: { to: 'completed' } });
});

test('a watch ends when it is told to', async () => {
  const gantry = clientOf();
  const { jobId } = await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } });
  const abort = new AbortController();
  for await (const event of gantry.jobs.watch(jobId, { signal: abort.signal })) {
    expect(event.seq).toBe(1);
    abort.abort();
  }
  await gantry.jobs.cancel(jobId);
  await expect(gantry.jobs.waitFor(jobId)).resolves.toMatchObject({ status: 'cancelled' });
});

test('refusals have a code, a status and a sentence', async () => {
  const gantry = clientOf();
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (error instanceof GantryApiError ? [error.status, error.code] : error),
    );
  expect(await refusal(gantry.jobs.status(randomUUID()))).toEqual([404, 'JOB_NOT_FOUND']);
  expect(
    await refusal(
      gantry.jobs.submit({
        serviceId: 'ctg-port-tracking',
        file: { name: 'x.csv', data: new Blob(['Name\nAda\n']) },
      }),
    ),
  ).toEqual([422, 'COLUMN_NOT_FOUND']);
  expect(await refusal(gantry.jobs.download(randomUUID()))).toEqual([404, 'ARTIFACT_NOT_FOUND']);
  expect(await refusal(gantry.admin.workers())).toEqual([403, 'FORBIDDEN']);
  expect(await refusal(createGantryClient({ url: api.url, getToken: () => null }).queue.info())).toEqual([
    401,
    'TOKEN_MISSING',
  ]);
  expect(await refusal(clientOf('http://127.0.0.1:1').queue.info())).toEqual([0, 'NETWORK_ERROR']);
  await expect(
    (async () => {
      for await (const _ of gantry.jobs.watch(randomUUID()));
    })(),
  ).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

test('an upload that is aborted rejects with the reason, and leaves nothing', async () => {
  const before = await api.leftovers();
  const abort = new AbortController();
  const submitting = clientOf().jobs.submit(
    {
      serviceId: 'ctg-port-tracking',
      file: { name: 'big.csv', data: new Blob([new Uint8Array(5_000_000).fill(65)]) },
    },
    { signal: abort.signal, onUploadProgress: () => abort.abort() },
  );
  await expect(submitting).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => api.leftovers(), { timeout: 10_000 }).toEqual(before);
});
