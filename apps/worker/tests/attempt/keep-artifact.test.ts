import { randomInt, randomUUID } from 'node:crypto';

import { cancelJob, claimJobs, registerWorker } from '@gantry/core';
import { expect, test } from 'vitest';
import { publishServices } from '../../src/maintenance/publish-services.ts';
import { keepArtifact } from '../../src/reports/keep-artifact.ts';
import { loseFirstAnswer } from '../faults/lose-answers.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

const FILE = { name: 'a.txt', contentType: 'text/plain', body: Buffer.from('what it made') };
const lease = new AbortController().signal;

/** Starts an attempt that nobody runs. */
async function startAttempt(queue: Queue): Promise<{ jobId: string; attempt: number }> {
  await publishServices(queue.deps([automationOf(async () => {})]));
  const jobId = await queue.submit('a-service');
  const workerId = randomUUID();
  await registerWorker(queue.pool, {
    id: workerId,
    host: 'test',
    pid: 1,
    version: '1',
    services: ['a-service'],
    concurrency: 1,
    sessionKey: randomInt(2 ** 31),
  });
  await claimJobs(queue.pool, { workerId, limit: 1, leaseMs: 60_000 });
  return { jobId, attempt: 1 };
}

async function readFiles(queue: Queue, jobId: string): Promise<string[]> {
  const { artifacts } = await queue.results(jobId);
  return Promise.all(
    artifacts.map(async ({ storageKey }) => (await (await queue.storage.get(storageKey)).toArray()).join('')),
  );
}

async function storedFiles(queue: Queue): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of queue.storage.list()) keys.push(key);
  return keys;
}

test('a file that no answer could bear is refused before it is stored', async () => {
  await using queue = await createQueue();
  const attempt = await startAttempt(queue);

  const keeping = keepArtifact(queue, attempt, { ...FILE, contentType: 'text/plain\r\nx: y' }, lease);

  await expect(keeping).rejects.toThrow(TypeError);
  expect(await storedFiles(queue)).toEqual([]);
});

test('when the answer to a file is lost, the file is there once', async () => {
  await using queue = await createQueue();
  const attempt = await startAttempt(queue);
  const { pool, isLost } = loseFirstAnswer(queue.pool, 'add-artifact');

  await keepArtifact({ pool, storage: queue.storage }, attempt, FILE, lease);

  expect(isLost()).toBe(true);
  expect(await readFiles(queue, attempt.jobId)).toEqual(['what it made']);
});

test('a file whose entry may have been written stays, also when the job is lost before anybody can ask again', async () => {
  await using queue = await createQueue();
  const attempt = await startAttempt(queue);
  const cancel = () => cancelJob(queue.pool, { jobId: attempt.jobId, reason: 'cancelled_by_owner' });
  const { pool, isLost } = loseFirstAnswer(queue.pool, 'add-artifact', cancel);

  const kept = keepArtifact({ pool, storage: queue.storage }, attempt, FILE, lease);

  await expect(kept).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(isLost()).toBe(true);
  expect(await readFiles(queue, attempt.jobId)).toEqual(['what it made']);
});

test.for([
  ['the job is lost', 'LEASE_LOST'],
  ['there is one of that name', 'VALUE_INVALID'],
] as const)('a file that is refused because %s leaves nothing behind', async ([, code]) => {
  await using queue = await createQueue();
  const attempt = await startAttempt(queue);
  await keepArtifact(queue, attempt, FILE, lease);
  const before = await storedFiles(queue);
  if (code === 'LEASE_LOST')
    await cancelJob(queue.pool, { jobId: attempt.jobId, reason: 'cancelled_by_owner' });

  const kept = keepArtifact(queue, attempt, { ...FILE, body: Buffer.from('another') }, lease);

  await expect(kept).rejects.toMatchObject({ code });
  expect(await storedFiles(queue)).toEqual(before);
});
