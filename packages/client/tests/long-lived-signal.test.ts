import { getEventListeners } from 'node:events';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, GOOD_CSV, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, type GantryClient } from '../src/index.ts';
import { claimByHand } from './run-by-hand.ts';

let api: Api;
let gantry: GantryClient;
let jobId: string;
let artifactId: string;
beforeAll(async () => {
  api = await startApi();
  const { token } = await api.newUser();
  gantry = createGantryClient({ url: api.url, getToken: () => token });
  ({ jobId } = await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } }));
  const job = await claimByHand(api);
  artifactId = await job.artifact(Buffer.from('a,b\n'));
  await job.complete();
});
afterAll(() => api[Symbol.asyncDispose]());

const file = { name: 'a.csv', data: new Blob([GOOD_CSV]) };
const read = async (values: AsyncIterable<unknown>, most = Infinity) => {
  let count = 0;
  for await (const _ of values) if (++count >= most) return;
};

test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
  ['jobs.submit', (signal) => gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } }, { signal })],
  [
    'jobs.submit with a file',
    (signal) => gantry.jobs.submit({ serviceId: 'ctg-port-tracking', file }, { signal }),
  ],
  [
    'jobs.submit that is refused',
    (signal) => gantry.jobs.submit({ serviceId: 'nobody-knows', file }, { signal }).catch(() => {}),
  ],
  [
    'jobs.submitMany',
    (signal) => gantry.jobs.submitMany([{ serviceId: 'no-file', input: { n: 1 } }], { signal }),
  ],
  [
    'uploads.create that tells how far it is',
    (signal) =>
      gantry.uploads.create({ serviceId: 'ctg-port-tracking', file }, { signal, onUploadProgress: () => {} }),
  ],
  ['jobs.download', (signal) => gantry.jobs.download(artifactId, { signal })],
  ['jobs.waitFor', (signal) => gantry.jobs.waitFor(jobId, { signal, timeoutMs: 3_600_000 })],
  ['jobs.watch to its end', (signal) => read(gantry.jobs.watch(jobId, { signal }))],
  ['jobs.watch that is left', (signal) => read(gantry.jobs.watch(jobId, { signal }), 1)],
  ['jobs.live', (signal) => read(gantry.jobs.live(jobId, { signal }))],
])('%s leaves nothing at a signal that lives on', async (_, call) => {
  const { signal } = new AbortController();
  await call(signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
