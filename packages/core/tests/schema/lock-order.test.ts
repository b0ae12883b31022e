import { expect, test } from 'vitest';

import { failJob, getJob, rescueJobs, retryJob, submitJobs } from '../../src/index.ts';
import { interleave, type Party } from '../concurrency/interleave.ts';
import { createFixture, FAIL, type Fixture, HOUR_MS } from '../fixture.ts';

/** Holds a job while two others come to wait for it in this order, and then lets go. Throws when they deadlock. */
function meetAt(f: Fixture, jobId: string, first: Act, second: Act): Promise<void> {
  const holder: Party = (db) => [
    () => db.query('begin; set local role postgres'),
    () => db.query('select from public.automation_jobs where id = $1 for update', [jobId]),
    () => db.query('commit'),
  ];
  return interleave(f, [holder, (db) => [() => first(db)], (db) => [() => second(db)]], [0, 0, 1, 2, 0]);
}

type Act = (db: Parameters<Party>[0]) => Promise<unknown>;

const cancel =
  (jobIds: string[]): Act =>
  (db) =>
    db.query(`select gantry.cancel_jobs($1, 'cancelled_by_admin', 60000)`, [jobIds]);

test('a chain is retried while somebody retries its second job', async () => {
  await using f = await createFixture();
  const { jobId: first } = await f.start();
  const second = await f.submit({ dependsOn: [{ jobId: first, onFailure: 'run' }] });
  await failJob(f.db, { jobId: first, attempt: 1, ...FAIL, isPermanent: true });
  await f.claim(await f.addWorker());
  await failJob(f.db, { jobId: second, attempt: 1, ...FAIL, isPermanent: true });

  await meetAt(
    f,
    second,
    (db) => retryJob(db, { jobId: second, reason: 'retried_by_owner' }),
    (db) => db.query(`select gantry.retry_jobs($1, 'retried_by_admin')`, [[first, second]]),
  );

  for (const jobId of [first, second]) expect(await getJob(f.db, jobId)).toMatchObject({ status: 'pending' });
});

test('a rescue ends what waits for a lost job while that and a job that is due are cancelled', async () => {
  await using f = await createFixture();
  await f.publish({ maxAttempts: 1 });
  const { jobId: lost } = await f.start();
  const waiting = await f.submit({ dependsOn: [{ jobId: lost }] });
  const due = await f.submit({ runAt: new Date(Date.now() + HOUR_MS).toISOString() });
  await f.setClock(2 * HOUR_MS);

  await meetAt(f, waiting, cancel([waiting, due]), (db) =>
    rescueJobs(db, { stuckAfterMs: 3 * HOUR_MS, sessionGraceMs: HOUR_MS }),
  );

  expect(await getJob(f.db, lost)).toMatchObject({ status: 'failed' });
  for (const jobId of [waiting, due])
    expect(await getJob(f.db, jobId)).toMatchObject({ status: 'cancelled' });
});

test('a job is submitted to run after one that waits and one that runs while both are cancelled', async () => {
  await using f = await createFixture();
  const waiting = await f.submit({ runAt: new Date(Date.now() + HOUR_MS).toISOString() });
  const { jobId: running } = await f.start();
  const dependsOn = [waiting, running].map((jobId) => ({ jobId, onFailure: 'run' as const }));

  await meetAt(
    f,
    waiting,
    (db) => submitJobs(db, [{ userId: f.user.id, serviceId: 'a-service', input: {}, dependsOn }]),
    cancel([waiting, running]),
  );

  for (const jobId of [waiting, running])
    expect(await getJob(f.db, jobId)).toMatchObject({ status: 'cancelled' });
});
