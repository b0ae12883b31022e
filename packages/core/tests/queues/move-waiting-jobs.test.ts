import { expect, test } from 'vitest';

import {
  bindService,
  cancelJob,
  claimJobs,
  countWaitingElsewhere,
  createQueue,
  estimateWait,
  failJob,
  moveWaitingJobs,
  withTransaction,
} from '../../src/index.ts';
import { createFixture, FAIL, type Fixture, HOUR_MS } from '../fixture.ts';

const SERVICE = { serviceId: 'a-service', queue: 'slow' };

async function bindElsewhere(f: Fixture, concurrencyLimit: number | null = 1): Promise<void> {
  await createQueue(f.db, { name: 'slow', concurrencyLimit });
  await bindService(f.db, SERVICE);
}

async function queuesOf(f: Fixture): Promise<Record<string, string>> {
  const { rows } = await f.db.query<{ id: string; queue_name: string }>(
    'select id, queue_name from public.automation_jobs',
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.queue_name]));
}

/** The line of claims holds just the jobs that are ready, in the queue and at the rank of each. */
async function expectLineInStep(f: Fixture): Promise<void> {
  const { rows } = await f.db.query(
    `select coalesce(j.id, r.job_id) as id from (select * from public.automation_jobs where is_ready) j
     full join gantry.ready_jobs r on r.job_id = j.id and r.queue_name = j.queue_name and r.place = j.place
       and r.rank = j.rank and r.seq = j.seq
     where j.id is null or r.job_id is null`,
  );
  expect(rows).toEqual([]);
}

test('all that wait go along, whatever they wait for; what runs or has ended stays', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const workerId = await f.addWorker();
  const [running, backsOff, ended] = [await f.submit(), await f.submit(), await f.submit()];
  await f.claim(workerId, { limit: 3 });
  await failJob(f.db, { jobId: backsOff, attempt: 1, ...FAIL, backoffMs: HOUR_MS, maxBackoffMs: HOUR_MS });
  await cancelJob(f.db, { jobId: ended, reason: 'cancelled_by_owner' });
  const later = await f.submit({ runAt: new Date(Date.now() + HOUR_MS).toISOString() });
  const blocked = await f.submit({ dependsOn: [{ jobId: running }] });
  const ready = await f.submit();
  await bindElsewhere(f, null);

  expect(await countWaitingElsewhere(f.db, SERVICE)).toBe(4);
  expect(await moveWaitingJobs(f.db, 'a-service')).toBe(4);

  const stays = { [running]: 'default', [ended]: 'default' };
  const moves = Object.fromEntries([backsOff, later, blocked, ready].map((id) => [id, 'slow']));
  expect(await queuesOf(f)).toEqual({ ...stays, ...moves });
  expect(await countWaitingElsewhere(f.db, SERVICE)).toBe(0);
  expect(await countWaitingElsewhere(f.db, { ...SERVICE, queue: null })).toBe(4);
  await expectLineInStep(f);
  await f.setClock(2 * HOUR_MS);
  const claimed = await f.claim(workerId, { limit: 10 });
  expect(claimed.map(({ jobId, queue }) => [jobId, queue]).toSorted()).toEqual(
    [ready, backsOff, later].map((id) => [id, 'slow']).toSorted(),
  );
});

test('each keeps its age: moved jobs stand among those that are there, urgent ones by the head start of the new queue', async () => {
  await using f = await createFixture();
  const old = await f.submit();
  const urgent = await f.submit({ priority: 2 });
  await bindElsewhere(f);
  await f.db.query(`update public.automation_queues set priority_head_start_ms = 0 where name = 'slow'`);
  const young = await f.submit({ priority: 2 });
  await moveWaitingJobs(f.db, 'a-service');
  const place = async (jobId: string) => (await estimateWait(f.db, jobId)).queuePosition;
  expect([await place(old), await place(urgent), await place(young)]).toEqual([1, 2, 3]);
});

test('jobs of other services stay, and so do jobs that a transaction holds until it lets go of them', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'other' });
  const other = await f.submit({ serviceId: 'other' });
  const [held, free] = [await f.submit(), await f.submit()];
  await bindElsewhere(f);
  const holder = await f.db.connect();
  await holder.query('begin; set local role postgres');
  await holder.query('select from public.automation_jobs where id = $1 for update', [held]);
  const { rows } = await f.db.query('select gantry.move_waiting_jobs($1, $2) as moved', [
    'a-service',
    [held, free, other],
  ]);
  expect(rows).toEqual([{ moved: 1 }]);
  await holder.query('commit');
  holder.release();
  expect(await moveWaitingJobs(f.db, 'a-service')).toBe(1);
  expect(await queuesOf(f)).toEqual({ [other]: 'default', [held]: 'slow', [free]: 'slow' });
});

test('a move waits for a claim of the old queue, and a claim of either queue for a move', async () => {
  await using f = await createFixture();
  const workerId = await f.addWorker();
  await f.submit();
  const second = await f.submit();
  await bindElsewhere(f);
  const claim = await f.db.connect();
  await claim.query('begin');
  const [claimed] = await claimJobs(claim, { workerId, limit: 1, leaseMs: 60_000 });
  const moving = moveWaitingJobs(f.db, 'a-service');
  await f.untilBlocked(1);
  await claim.query('commit');
  claim.release();
  expect(await moving).toBe(1);
  expect((await queuesOf(f))[claimed?.jobId ?? '']).toBe('default');

  await bindService(f.db, { serviceId: 'a-service', queue: null });
  const later = await withTransaction(f.db, async (db) => {
    expect(await moveWaitingJobs(db, 'a-service')).toBe(1);
    const claiming = f.claim(workerId, { limit: 5 });
    await f.untilBlocked(1);
    return { claiming };
  });
  // The default queue runs one at a time, and does.
  expect(await later.claiming).toEqual([]);
  expect((await queuesOf(f))[second]).toBe('default');
});

test('no limit is passed and no job is lost while jobs move to and fro under a storm of claims', async () => {
  await using f = await createFixture();
  await createQueue(f.db, { name: 'slow', concurrencyLimit: 2 });
  await f.setLimit(3);
  const jobs = await Promise.all(Array.from({ length: 60 }, () => f.submit()));
  const workers = await Promise.all(Array.from({ length: 4 }, () => f.addWorker()));
  const claimed: string[] = [];
  const over = new AbortController();
  const movers = [null, 'slow'].map(async (queue) => {
    while (!over.signal.aborted) {
      await bindService(f.db, { serviceId: 'a-service', queue });
      await moveWaitingJobs(f.db, 'a-service');
    }
  });
  await Promise.all(
    workers.map(async (workerId) => {
      while (claimed.length < jobs.length) {
        const taken = await f.claim(workerId, { limit: 2 });
        const { rows } = await f.db.query<{ queue_name: string; jobs: number }>(
          'select queue_name, count(*)::integer as jobs from gantry.running_jobs group by queue_name',
        );
        for (const row of rows) expect(row.jobs).toBeLessThanOrEqual(row.queue_name === 'slow' ? 2 : 3);
        for (const { jobId, attempt } of taken) {
          claimed.push(jobId);
          await failJob(f.db, { jobId, attempt, ...FAIL, isPermanent: true });
        }
      }
    }),
  );
  over.abort();
  await Promise.all(movers);
  expect(claimed.toSorted()).toEqual(jobs.toSorted());
  await expectLineInStep(f);
});
