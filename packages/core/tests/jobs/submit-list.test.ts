import { expect, test } from 'vitest';

import {
  GantryError,
  getJob,
  getJobDependencies,
  type ListedJob,
  type Submitted,
  submitList,
} from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const jobOf = (f: Fixture, o: Partial<ListedJob> = {}): ListedJob => ({
  userId: f.user.id,
  serviceId: 'a-service',
  input: {},
  ...o,
});
const after = (...indices: number[]) => ({ dependsOn: indices.map((index) => ({ index })) });

test('jobs of a list run after others of it, wherever those stand', async () => {
  await using f = await createFixture();
  const first = await f.submit();
  const outcomes = await submitList(f.db, [
    jobOf(f, after(1, 2)),
    jobOf(f, { dependsOn: [{ index: 2, onFailure: 'run' }, { jobId: first }] }),
    jobOf(f),
  ]);
  const ids = outcomes.map((outcome) => ('jobId' in outcome ? outcome.jobId : ''));
  const [last = '', middle = '', root = ''] = ids;
  expect(await getJobDependencies(f.db, last)).toMatchObject({
    dependsOn: [{ jobId: root }, { jobId: middle }],
  });
  expect(await getJobDependencies(f.db, middle)).toMatchObject({
    dependsOn: [
      { jobId: first, onFailure: 'fail' },
      { jobId: root, onFailure: 'run' },
    ],
  });
  expect(await getJob(f.db, last)).toMatchObject({ blockedBy: 2 });
});

test('jobs that would wait for each other for ever are refused and named, and what runs after them too', async () => {
  await using f = await createFixture();
  const outcomes = await submitList(f.db, [
    jobOf(f, after(2)),
    jobOf(f, after(0)),
    jobOf(f, after(1)),
    jobOf(f, after(3)),
    jobOf(f, after(5, 0)),
    jobOf(f),
    jobOf(f, after(5)),
  ]);
  const cycle = { code: 'DEPENDENCY_CYCLE', message: expect.stringContaining('0 after 2 after 1 after 0') };
  expect(outcomes).toMatchObject([
    cycle,
    cycle,
    cycle,
    { code: 'DEPENDENCY_CYCLE', message: expect.stringContaining('3 after 3') },
    { code: 'DEPENDENCY_NOT_FOUND' },
    { isNew: true },
    { isNew: true },
  ]);
});

test('what cannot be stored, or runs after what was refused, is refused alone', async () => {
  await using f = await createFixture();
  const outcomes = await submitList(f.db, [
    jobOf(f, { input: 'a\0' }),
    jobOf(f),
    jobOf(f, { serviceId: 'unknown' }),
    jobOf(f, after(0)),
    jobOf(f, after(2)),
    jobOf(f, after(99)),
    jobOf(f, { priority: 9 }),
    jobOf(f, after(1)),
  ]);
  expect(outcomes).toMatchObject([
    { code: 'VALUE_INVALID' },
    { isNew: true },
    { code: 'SERVICE_NOT_FOUND' },
    { code: 'DEPENDENCY_NOT_FOUND' },
    { code: 'DEPENDENCY_NOT_FOUND' },
    { code: 'DEPENDENCY_NOT_FOUND' },
    { code: 'VALUE_INVALID' },
    { isNew: true },
  ]);
  expect((await f.db.query('select from public.automation_jobs')).rowCount).toBe(2);
});

test('what was refused before keeps its place', async () => {
  await using f = await createFixture();
  const refusal = new GantryError('QUOTA_EXCEEDED', 'Enough.');
  expect(await submitList(f.db, [refusal, jobOf(f, after(0)), jobOf(f)])).toMatchObject([
    { code: 'QUOTA_EXCEEDED' },
    { code: 'DEPENDENCY_NOT_FOUND' },
    { isNew: true },
  ]);
});

test('a list that is submitted again with its keys returns the first jobs', async () => {
  await using f = await createFixture();
  const list = [0, 1, 2].map((n) =>
    jobOf(f, { idempotencyKey: `k${n}`, payloadSha256: 'a'.repeat(64), ...(n > 0 && after(n - 1)) }),
  );
  const first = await submitList(f.db, list);
  const again = await submitList(f.db, list);
  const idsOf = (outcomes: (Submitted | Error)[]) =>
    outcomes.map((outcome) => 'jobId' in outcome && outcome.jobId);
  expect(idsOf(again)).toEqual(idsOf(first));
  expect(again).toMatchObject([{ isNew: false }, { isNew: false }, { isNew: false }]);
});
