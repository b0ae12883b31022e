import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient } from '../src/index.ts';

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

test('a job in a paused queue waits with the reason, and is next when the queue goes on', async () => {
  const gantry = clientOf(user);
  const { queues } = clientOf(admin).admin;
  await api.addWorker();
  await queues.update({ name: 'default', isPaused: true });
  const { jobId } = await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } });
  expect(await gantry.jobs.status(jobId)).toMatchObject({
    status: 'pending',
    queuePosition: 1,
    estimatedWaitTime: null,
    estimatedWaitRange: null,
    wait: { code: 'queue_paused' },
    waitReason: 'queue paused',
  });
  await queues.update({ name: 'default', isPaused: false });
  expect(await gantry.jobs.status(jobId)).toMatchObject({
    estimatedWaitTime: 0,
    estimatedWaitRange: { p50Ms: 0, p90Ms: 0 },
    wait: { code: 'next' },
    waitReason: 'next',
  });
});

test('an admin makes a queue, binds a service to it, changes it live, and deletes it when it is empty', async () => {
  const { queues } = clientOf(admin).admin;
  await queues.create({ name: 'pages', concurrencyLimit: 3 });
  await queues.bind('no-file', 'pages');
  await queues.update({ name: 'pages', concurrencyLimit: null });
  expect((await queues.list()).find(({ name }) => name === 'pages')).toMatchObject({
    concurrencyLimit: null,
    isPaused: false,
    services: [{ id: 'no-file', isChosen: true }],
  });
  const { jobId } = await clientOf(user).jobs.submit({ serviceId: 'no-file', input: { n: 1 } });
  expect(await clientOf(user).jobs.status(jobId)).toMatchObject({ queue: 'pages' });
  await expect(queues.delete('pages')).rejects.toMatchObject({ code: 'QUEUE_IN_USE', status: 409 });
  await queues.bind('no-file', null);
  await clientOf(user).jobs.cancel(jobId);
  await queues.delete('pages');
  await expect(queues.update({ name: 'pages', isPaused: true })).rejects.toMatchObject({
    code: 'QUEUE_NOT_FOUND',
    status: 404,
  });
});
