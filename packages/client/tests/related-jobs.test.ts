import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient } from '../src/index.ts';
import { claimByHand } from './run-by-hand.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let admin: typeof user;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
  admin = await api.newUser(true);
});
afterAll(() => api[Symbol.asyncDispose]());

const clientOf = (who: typeof user) => createGantryClient({ url: api.url, getToken: () => who.token });
const JOB = { serviceId: 'no-file', input: { n: 1 } };

test('a job runs after another, and is run again with another input', async () => {
  const { jobs } = clientOf(user);
  const { jobId: first } = await jobs.submit({ ...JOB, tags: ['night'] });
  const { jobId } = await jobs.submit({ ...JOB, dependsOn: [{ jobId: first, onFailure: 'cancel' }] });
  expect(await jobs.status(jobId)).toMatchObject({ blockedBy: 1, wait: { code: 'blocked', count: 1 } });
  expect((await jobs.dependencies(first)).dependents).toMatchObject([{ jobId, onFailure: 'cancel' }]);
  await (await claimByHand(api)).fail();
  expect(await jobs.waitFor(jobId)).toMatchObject({
    status: 'cancelled',
    error: { code: 'DEPENDENCY_FAILED' },
  });
  const { input } = await jobs.input(first);
  const again = await jobs.rerun(first, { input: { ...Object(input), n: 2 } });
  expect(await jobs.status(again.jobId)).toMatchObject({ rerunOf: first, tags: ['night'] });
  expect((await jobs.input(again.jobId)).input).toEqual({ n: 2 });
});

test('a job with a file has tags and dependencies like any other', async () => {
  const { jobs } = clientOf(user);
  const { jobId: first } = await jobs.submit(JOB);
  const { jobId } = await jobs.submit({
    serviceId: 'ctg-port-tracking',
    file: { name: 'list.csv', data: new TextEncoder().encode('Container No\nMSCU6639870\n') },
    dependsOn: [{ jobId: first }],
    tags: ['night'],
  });
  expect(await jobs.status(jobId)).toMatchObject({ blockedBy: 1, tags: ['night'] });
});

test('many are submitted, found by their tag, counted and cancelled', async () => {
  const { jobs } = clientOf(user);
  const list = Array.from({ length: 300 }, (_, n) => ({
    ...JOB,
    tags: ['crowd'],
    ...(n > 0 && { dependsOn: [{ index: 0, onFailure: 'run' as const }] }),
  }));
  const { jobs: outcomes } = await jobs.submitMany([...list, { serviceId: 'unknown' }]);
  expect(outcomes.filter(({ error }) => error === null)).toHaveLength(300);
  expect(outcomes.at(-1)).toMatchObject({ jobId: null, error: { code: 'SERVICE_NOT_FOUND' } });
  expect((await jobs.list({ tag: 'crowd', limit: 100 })).jobs).toHaveLength(100);
  const { count, selection } = await jobs.countCancellable({ tag: 'crowd' });
  expect(count).toBe(300);
  expect(await jobs.cancelMany({ tag: 'crowd', selection })).toEqual({ cancelled: 300 });
  await expect(jobs.cancelMany({ selection })).rejects.toMatchObject({
    code: 'SELECTION_INVALID',
    status: 409,
  });
  await expect(jobs.submitMany([])).rejects.toMatchObject({ code: 'INPUT_INVALID', status: 400 });
});

test('an admin counts and retries what failed', async () => {
  const { admin: console } = clientOf(admin);
  await clientOf(user).jobs.submit({ ...JOB, priority: 1 });
  await (await claimByHand(api)).fail();
  const filter = { userId: user.id, serviceId: 'no-file' };
  const { count, selection } = await console.countFailed(filter);
  expect(count).toBeGreaterThan(0);
  expect(await console.retryMany({ ...filter, selection })).toEqual({ retried: count });
  const cancellable = await console.countCancellable(filter);
  expect(await console.cancelMany({ ...filter, selection: cancellable.selection })).toEqual({
    cancelled: cancellable.count,
  });
});
