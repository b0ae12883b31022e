import { expect, test } from 'vitest';

import {
  bindService,
  cancelJob,
  claimJobs,
  createQueue,
  deleteQueue,
  estimateWait,
  getQueueInfo,
  listQueues,
  setQueue,
  withTransaction,
} from '../../src/index.ts';
import { createFixture } from '../fixture.ts';

test('a queue is made with its limit, and listed with what is bound to it', async () => {
  await using f = await createFixture();
  await createQueue(f.db, { name: 'slow-sites', concurrencyLimit: 3 });
  await bindService(f.db, { serviceId: 'a-service', queue: 'slow-sites' });
  await f.addWorker();
  await f.addWorker({ queues: ['default'] });
  const nothing = { isPaused: false, pending: 0, processing: 0, oldestWaitMs: null };
  expect(await listQueues(f.db)).toEqual([
    { ...nothing, name: 'default', concurrencyLimit: 1, services: [], workerSlots: 2 },
    {
      ...nothing,
      name: 'slow-sites',
      concurrencyLimit: 3,
      services: [{ id: 'a-service', name: 'A service', isChosen: true }],
      workerSlots: 1,
    },
  ]);
});

test('a name that is taken or that is none is refused', async () => {
  await using f = await createFixture();
  const create = (name: string) => createQueue(f.db, { name, concurrencyLimit: null });
  await expect(create('default')).rejects.toMatchObject({ code: 'QUEUE_EXISTS' });
  for (const name of ['', 'Über', 'two words', '-x', 'x'.repeat(64)]) {
    await expect(create(name), name).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  }
});

test('the queue that an admin chose stays when workers publish, until it is given back', async () => {
  await using f = await createFixture();
  const queueOf = async () =>
    (await f.db.query(`select queue_name from public.automation_jobs where id = $1`, [await f.submit()]))
      .rows[0].queue_name;
  const waiting = await f.submit();
  await createQueue(f.db, { name: 'chosen', concurrencyLimit: 1 });
  await bindService(f.db, { serviceId: 'a-service', queue: 'chosen' });
  expect(await queueOf()).toBe('chosen');
  await f.publish({ queue: 'published' });
  expect(await queueOf()).toBe('chosen');
  // Nobody needs it yet.
  expect((await listQueues(f.db)).map(({ name }) => name)).not.toContain('published');
  await bindService(f.db, { serviceId: 'a-service', queue: null });
  expect(await queueOf()).toBe('published');
  await f.publish({ queue: 'default' });
  expect(await queueOf()).toBe('default');
  // A job stays where it was submitted.
  expect(await estimateWait(f.db, waiting)).toMatchObject({ queuePosition: 1 });
});

test('a service or queue that is not there cannot be bound', async () => {
  await using f = await createFixture();
  await expect(bindService(f.db, { serviceId: 'none', queue: 'default' })).rejects.toMatchObject({
    code: 'SERVICE_NOT_FOUND',
  });
  await expect(bindService(f.db, { serviceId: 'a-service', queue: 'none' })).rejects.toMatchObject({
    code: 'QUEUE_NOT_FOUND',
  });
});

test('a queue in use cannot be deleted; one that is not is gone until it is wanted again', async () => {
  await using f = await createFixture();
  const remove = () => deleteQueue(f.db, 'default');
  const inUse = { code: 'QUEUE_IN_USE' };
  await createQueue(f.db, { name: 'other', concurrencyLimit: null });
  const ready = await f.submit();
  const later = await f.submit({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await expect(remove()).rejects.toMatchObject(inUse);
  await bindService(f.db, { serviceId: 'a-service', queue: 'other' });
  await expect(remove()).rejects.toMatchObject(inUse);
  await f.claim(await f.addWorker());
  await expect(remove()).rejects.toMatchObject(inUse);
  await cancelJob(f.db, { jobId: ready, reason: 'cancelled_by_owner' });
  await expect(remove()).rejects.toMatchObject(inUse);
  await cancelJob(f.db, { jobId: later, reason: 'cancelled_by_owner' });
  await setQueue(f.db, { name: 'default', isPaused: true });
  await remove();

  const names = async () => (await getQueueInfo(f.db)).queues.map(({ name }) => name);
  expect(await names()).toEqual(['other']);
  for (const touch of [
    remove,
    () => setQueue(f.db, { name: 'default', isPaused: true }),
    () => bindService(f.db, { serviceId: 'a-service', queue: 'default' }),
  ]) {
    await expect(touch()).rejects.toMatchObject({ code: 'QUEUE_NOT_FOUND' });
  }
  await f.publish({ id: 'new', queue: 'default' });
  expect((await listQueues(f.db))[0]).toMatchObject({ name: 'default', isPaused: false });
});

test('a service that is being bound to a queue keeps it from being deleted', async () => {
  await using f = await createFixture();
  await createQueue(f.db, { name: 'other', concurrencyLimit: 1 });
  const refused = await withTransaction(f.db, async (db) => {
    await bindService(db, { serviceId: 'a-service', queue: 'other' });
    const deleting = expect(deleteQueue(f.db, 'other')).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
    await f.untilBlocked(1);
    return { deleting };
  });
  await refused.deleting;
});

test('a service cannot be bound to a queue that is being deleted', async () => {
  await using f = await createFixture();
  await createQueue(f.db, { name: 'other', concurrencyLimit: 1 });
  const refused = await withTransaction(f.db, async (db) => {
    await deleteQueue(db, 'other');
    const binding = expect(bindService(f.db, { serviceId: 'a-service', queue: 'other' }));
    const refusal = binding.rejects.toMatchObject({ code: 'QUEUE_NOT_FOUND' });
    await f.untilBlocked(1);
    return { refusal };
  });
  await refused.refusal;
});

test('a job that came into a queue while it was deleted runs all the same, and is seen until it has', async () => {
  await using f = await createFixture();
  await createQueue(f.db, { name: 'other', concurrencyLimit: null });
  await bindService(f.db, { serviceId: 'a-service', queue: 'other' });
  await setQueue(f.db, { name: 'default', isPaused: true });
  await deleteQueue(f.db, 'default');
  const jobId = await f.submit();
  await f.write(`update public.automation_jobs set queue_name = 'default' where id = $1`, [jobId]);
  expect((await listQueues(f.db)).map(({ name }) => name)).toEqual(['default', 'other']);
  expect(await f.claim(await f.addWorker())).toMatchObject([{ jobId, queue: 'default' }]);
});

test('a worker of some queues takes nothing of others, and is counted on for these alone', async () => {
  await using f = await createFixture();
  const workerId = await f.addWorker({ queues: ['other'] });
  const jobId = await f.submit();
  expect(await claimJobs(f.db, { workerId, limit: 1, leaseMs: 60_000, queues: ['other'] })).toEqual([]);
  expect(await estimateWait(f.db, jobId)).toMatchObject({ wait: { code: 'no_worker' } });
  await f.addWorker({ queues: ['other', 'default'] });
  expect(await estimateWait(f.db, jobId)).toMatchObject({ wait: { code: 'next' } });
});
