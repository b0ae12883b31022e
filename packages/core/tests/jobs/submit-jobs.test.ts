import { expect, test } from 'vitest';

import { type NewJob, submitJobs } from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const jobOf = (f: Fixture, o: Partial<NewJob> = {}): NewJob => ({
  userId: f.user.id,
  serviceId: 'a-service',
  input: {},
  ...o,
});
const keyed = (f: Fixture, key: string, hash = 'a'): NewJob =>
  jobOf(f, { idempotencyKey: key, payloadSha256: hash.repeat(64) });

test('many jobs are submitted in one statement, and run in their order', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const jobs = Array.from({ length: 50 }, (_, n) =>
    jobOf(f, { input: { n }, ...(n % 3 === 0 && keyed(f, `k${50 - n}`)) }),
  );
  jobs.forEach((job, n) => Object.assign(job, { input: { n } }));
  const outcomes = await submitJobs(f.db, jobs);
  expect(outcomes.every((outcome) => 'isNew' in outcome && outcome.isNew)).toBe(true);
  const claimed = await f.claim(await f.addWorker(), { limit: 50 });
  expect(claimed.map(({ input }) => input)).toEqual(jobs.map(({ input }) => input));
});

test('what is refused of one keeps no other from being submitted', async () => {
  await using f = await createFixture();
  const [first] = await submitJobs(f.db, [keyed(f, 'k')]);
  const outcomes = await submitJobs(f.db, [
    jobOf(f),
    jobOf(f, { serviceId: 'unknown' }),
    jobOf(f, { uploadId: f.user.id }),
    keyed(f, 'k'),
    keyed(f, 'k', 'b'),
    keyed(f, 'twice'),
    keyed(f, 'twice'),
  ]);
  expect(outcomes).toMatchObject([
    { isNew: true },
    { code: 'SERVICE_NOT_FOUND' },
    { code: 'UPLOAD_NOT_FOUND' },
    { isNew: false, jobId: first && 'jobId' in first ? first.jobId : '' },
    { code: 'IDEMPOTENCY_CONFLICT' },
    { isNew: true },
    { isNew: false },
  ]);
  expect((await f.db.query('select from public.automation_jobs')).rowCount).toBe(3);
});

test('submissions that use the same keys at the same time, in any order, wait for each other and no longer', async () => {
  await using f = await createFixture();
  for (let round = 0; round < 20; round++) {
    const keys = Array.from({ length: 100 }, (_, n) => keyed(f, `${round}-${n}`));
    const both = await Promise.all([submitJobs(f.db, keys), submitJobs(f.db, keys.toReversed())]);
    const news = both.flat().filter((outcome) => 'isNew' in outcome && outcome.isNew);
    expect(news).toHaveLength(100);
  }
});
