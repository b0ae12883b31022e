import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, type GantryClient } from '../src/index.ts';
import { openBreakableDoor } from './breakable-door.ts';
import { claimByHand } from './run-by-hand.ts';

// More than fits into the buffers between a server and a client that does not read.
const bytes = randomBytes(30_000_000);

let api: Api;
let token: string;
let gantry: GantryClient;
let jobId: string;
beforeAll(async () => {
  api = await startApi();
  ({ token } = await api.newUser());
  gantry = createGantryClient({ url: api.url, getToken: () => token });
  ({ jobId } = await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } }));
  const job = await claimByHand(api);
  await job.row(0);
  await job.artifact(bytes);
  await job.complete();
});
afterAll(() => api[Symbol.asyncDispose]());

test('results hold the summary, the rows and the files', async () => {
  expect(await gantry.jobs.results(jobId)).toMatchObject({
    summary: { total: 1 },
    rows: [{ key: 'K0' }],
    artifacts: [{ name: 'results.csv', size: bytes.length }],
  });
});

test('a file is downloaded byte for byte, by itself or by its id', async () => {
  const [artifact] = (await gantry.jobs.results(jobId)).artifacts;
  if (!artifact) throw new Error('no file');
  for (const which of [artifact, artifact.id]) {
    const file = await gantry.jobs.download(which);
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  }
});

test('a download that breaks off is no file', async () => {
  using door = await openBreakableDoor(api.url);
  const [artifact] = (await gantry.jobs.results(jobId)).artifacts;
  if (!artifact) throw new Error('no file');
  const distant = createGantryClient({
    url: door.url,
    getToken: () => token,
    async fetch(input, init) {
      const response = await fetch(input, init);
      door.breakAll();
      return response;
    },
  });
  await expect(distant.jobs.download(artifact)).rejects.toMatchObject({ code: 'NETWORK_ERROR', status: 0 });
  const abort = new AbortController();
  const reason = new Error('changed my mind');
  const aborted = createGantryClient({
    url: api.url,
    getToken: () => token,
    async fetch(input, init) {
      const response = await fetch(input, init);
      abort.abort(reason);
      return response;
    },
  });
  await expect(aborted.jobs.download(artifact, { signal: abort.signal })).rejects.toBe(reason);
});
