import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, GOOD_CSV, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, type GantryClient, type UploadProgress } from '../src/index.ts';

let api: Api;
let gantry: GantryClient;
beforeAll(async () => {
  api = await startApi();
  const { token } = await api.newUser();
  gantry = createGantryClient({ url: api.url, getToken: () => token });
});
afterAll(() => api[Symbol.asyncDispose]());

const SERVICE = { serviceId: 'ctg-port-tracking' };
const csv = new Blob([GOOD_CSV]);

test.for([
  ['a File', new File([csv], 'fcr_numbers.csv')],
  ['a Blob with a name', { name: 'fcr_numbers.csv', data: csv }],
  ['bytes', { name: 'fcr_numbers.csv', data: Buffer.from(GOOD_CSV) }],
  ['a stream', { name: 'fcr_numbers.csv', data: csv.stream() }],
] as const)('takes the file as %s', async ([, file]) => {
  const { jobId, queuePosition } = await gantry.jobs.submit({ ...SERVICE, file });
  expect(queuePosition).toBeGreaterThan(0);
  expect(await gantry.jobs.status(jobId)).toMatchObject({ status: 'pending', fileName: 'fcr_numbers.csv' });
});

test('tells how far the upload is, up to its last byte', async () => {
  const seen: UploadProgress[] = [];
  const many = new Blob([GOOD_CSV, 'CSQU3054383\n'.repeat(900)]);
  await gantry.jobs.submit(
    { ...SERVICE, file: { name: 'many.csv', data: many } },
    { onUploadProgress: (progress) => seen.push(progress) },
  );
  const sent = seen.map(({ sentBytes }) => sentBytes);
  expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  const last = seen.at(-1);
  expect(last?.totalBytes).toBeGreaterThan(many.size);
  expect(last?.sentBytes).toBe(last?.totalBytes);
});

test('keeps what is odd about the name of a file', async () => {
  const name = 'Liste "März" & 名前.csv';
  const { jobId } = await gantry.jobs.submit({ ...SERVICE, file: { name, data: csv } });
  expect((await gantry.jobs.status(jobId)).fileName).toBe(name);
});

test('lets a job with a file wait for its time', async () => {
  const runAt = new Date(Date.now() + 3_600_000).toISOString();
  const { jobId } = await gantry.jobs.submit({ ...SERVICE, file: { name: 'a.csv', data: csv }, runAt });
  expect(await gantry.jobs.status(jobId)).toMatchObject({ fileName: 'a.csv', runAt });
});

test('gives the first job again for the same key', async () => {
  const submission = { ...SERVICE, file: { name: 'a.csv', data: csv }, idempotencyKey: 'once' };
  const first = await gantry.jobs.submit(submission);
  expect((await gantry.jobs.submit(submission)).jobId).toBe(first.jobId);
  await expect(
    gantry.jobs.submit({
      ...submission,
      file: { name: 'b.csv', data: new Blob(['Container\nMSKU6011672\n']) },
    }),
  ).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

test('needs no file where the service takes none', async () => {
  const { jobId } = await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 }, priority: 1 });
  expect(await gantry.jobs.status(jobId)).toMatchObject({ priority: 1, fileName: null });
});

test('an aborted upload rejects with the reason and leaves nothing', async () => {
  const before = await api.leftovers();
  const abort = new AbortController();
  const reason = new Error('changed my mind');
  const submitting = gantry.jobs.submit(
    { ...SERVICE, file: { name: 'big.csv', data: new Blob([new Uint8Array(5_000_000).fill(65)]) } },
    { signal: abort.signal, onUploadProgress: () => abort.abort(reason) },
  );
  await expect(submitting).rejects.toBe(reason);
  await expect.poll(() => api.leftovers()).toEqual(before);
});

test('what is aborted beside other calls is not sent, and the others are', async () => {
  const before = await api.leftovers();
  const abort = new AbortController();
  const reason = new Error('changed my mind');
  const submitting = gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } }, { signal: abort.signal });
  const asking = gantry.queue.info();
  abort.abort(reason);
  await expect(submitting).rejects.toBe(reason);
  expect(await asking).toHaveProperty('pending');
  expect(await api.leftovers()).toEqual(before);
});

test('what is aborted while the token is fetched is not sent', async () => {
  const before = await api.leftovers();
  const abort = new AbortController();
  const { token } = await api.newUser();
  const slow = createGantryClient({
    url: api.url,
    getToken: async () => {
      abort.abort(new Error('changed my mind'));
      return token;
    },
  });
  await expect(
    slow.jobs.submit({ ...SERVICE, file: { name: 'a.csv', data: csv } }, { signal: abort.signal }),
  ).rejects.toThrow('changed my mind');
  expect(await api.leftovers()).toEqual(before);
});
