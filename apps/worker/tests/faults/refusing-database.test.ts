import { cancelJob } from '@gantry/core';
import pg from 'pg';
import { expect, test } from 'vitest';

import { startWorker } from '../../src/start-worker.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { automationOf, hangInPage, ROWS, rowsOf } from '../test-automations.ts';
import { recordRefusals } from './record-refusals.ts';

/** Long enough that a busy machine does not let it lapse while the database refuses. */
const LEASE_MS = 30_000;

/** A job of which three rows are done, and whose next one waits to be let through. */
async function startRows(queue: Queue) {
  await using stack = new AsyncDisposableStack();
  const gate = stack.use(await openGate({ isOpen: ({ row }) => row < 3 }));
  const { pool, refusals } = recordRefusals(queue.pool);
  const deps = queue.deps([rowsOf(gate.url)], { leaseMs: LEASE_MS });
  const worker = await startWorker({ ...deps, pool });
  stack.defer(() => worker.stop('release'));
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });
  const resources = stack.move();
  return { gate, jobId, refusals, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Somebody with a transaction of their own. */
async function openHolder(queue: Queue) {
  const client = new pg.Client({ connectionString: queue.database.databaseUrl });
  await client.connect();
  await client.query('begin');
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function expectDoneAtFirstAttempt(queue: Queue, jobId: string): Promise<void> {
  expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attempt: 1, attemptsUsed: 1 });
  expect((await queue.results(jobId)).rows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  expect((await queue.events(jobId)).filter(({ type }) => type === 'row')).toHaveLength(ROWS);
}

test('while the database can only be read, as after a failover, a run goes on; its rows are kept until it takes them', async () => {
  await using queue = await createQueue();
  await using run = await startRows(queue);

  await queue.reconfigure('set default_transaction_read_only = on');
  run.gate.open();
  await expect.poll(() => run.refusals).toContain('append-events 25006');
  expect((await queue.results(run.jobId)).rows).toHaveLength(3);
  await queue.reconfigure('reset default_transaction_read_only');

  await expectDoneAtFirstAttempt(queue, run.jobId);
});

test('while the database takes no more connections, a run goes on; its rows are kept until it takes some', async () => {
  await using queue = await createQueue();
  await using run = await startRows(queue);

  await queue.reconfigure('connection limit 0');
  run.gate.open();
  await expect.poll(() => run.refusals).toContain('append-events 53300');
  await queue.alterDatabase('connection limit -1');

  await expectDoneAtFirstAttempt(queue, run.jobId);
});

test('while somebody else holds its job, a run goes on; its rows are kept until it is let go', async () => {
  await using queue = await createQueue();
  await queue.reconfigure(`set lock_timeout = '50ms'`);
  await using run = await startRows(queue);
  await using holder = await openHolder(queue);
  await holder.query('select from public.automation_jobs where id = $1 for update', [run.jobId]);

  run.gate.open();
  await expect.poll(() => run.refusals).toContain('append-events 55P03');
  await holder.query('rollback');

  await expectDoneAtFirstAttempt(queue, run.jobId);
});

test.each(['40P01', '40001'])('an end that Postgres breaks off with %s is told again', async (code) => {
  await using queue = await createQueue();
  await queue.asOwner(`
    create sequence public.ends;
    create function public.break_off() returns trigger language plpgsql security definer as $$ begin
      if nextval('public.ends') <= 2 then raise exception 'broken off' using errcode = '${code}'; end if;
      return new;
    end $$;
    create trigger break_off before update on public.automation_jobs
      for each row when (new.status = 'completed') execute function public.break_off()`);
  const { pool, refusals } = recordRefusals(queue.pool);
  const worker = await startWorker({ ...queue.deps([automationOf(async () => {})]), pool });
  const jobId = await queue.submit('a-service');

  expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attempt: 1 });
  await worker.stop('drain');
  // A claim under way while the worker begins to drain is refused too.
  expect(refusals.filter((one) => one.startsWith('complete-jobs'))).toEqual([
    `complete-jobs ${code}`,
    `complete-jobs ${code}`,
  ]);
  expect(await queue.outcomes(jobId)).toEqual(['completed']);
});

test('when no notification ever arrives, jobs are claimed, and those that are cancelled end', async () => {
  await using queue = await createQueue();
  await queue.asOwner(`
    create function public.say_nothing(text, text) returns void language sql as '';
    grant execute on function public.say_nothing to public;
    do $$ declare v_function text; begin
      for v_function in
        select replace(pg_get_functiondef(p.oid), 'pg_notify(', 'public.say_nothing(') from pg_proc p
        where p.pronamespace = 'gantry'::regnamespace and p.prosrc like '%pg_notify(%'
      loop execute v_function; end loop;
    end $$`);
  await using _worker = await queue.startWorker([automationOf(hangInPage)]);
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');

  await cancelJob(queue.pool, { jobId, reason: 'cancelled_by_owner' });

  await expect.poll(() => queue.browserProcesses(), { interval: 20 }).toEqual([]);
  expect(await queue.job(jobId)).toMatchObject({ status: 'cancelled', attempt: 1 });
});
