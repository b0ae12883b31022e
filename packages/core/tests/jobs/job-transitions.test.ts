import { JOB_TRANSITIONS, type JobStatus } from '@gantry/contract';
import { expect, test } from 'vitest';
import { createFixture } from '../fixture.ts';

const STATUSES: JobStatus[] = ['pending', 'processing', 'completed', 'failed', 'cancelled'];
const PAIRS = STATUSES.flatMap((from) => STATUSES.map((to) => ({ from, to })));
const isListed = (from: JobStatus, to: JobStatus) =>
  JOB_TRANSITIONS.some((transition) => transition[0] === from && transition[1] === to);

test('TypeScript and SQL allow the same transitions, among all 25 pairs', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(
    `select p.from, p.to, gantry.is_transition(p.from, p.to) as allowed
     from unnest($1::text[], $2::text[]) p ("from", "to")`,
    [PAIRS.map(({ from }) => from), PAIRS.map(({ to }) => to)],
  );
  expect(rows).toEqual(PAIRS.map(({ from, to }) => ({ from, to, allowed: isListed(from, to) })));
});

test('the table of jobs refuses every other transition', async () => {
  await using f = await createFixture();
  const workerId = await f.addWorker();
  const COLUMNS = `status, is_ready, worker_id, lease_expires_at, attempt_started_at, finished_at, expires_at,
    error_code, error_message`;
  const valuesOf = (status: JobStatus) => {
    const runs = status === 'processing';
    const hasEnded = status !== 'pending' && !runs;
    return `'${status}', false, ${runs ? `'${workerId}', now() + interval '1 hour', now()` : 'null, null, null'},
      ${hasEnded ? 'now(), now()' : 'null, null'}, ${status === 'failed' ? `'X', 'x'` : 'null, null'}`;
  };
  const done: { from: JobStatus; to: JobStatus; allowed: boolean }[] = [];
  const pairs = PAIRS.filter(({ from, to }) => from !== to);
  for (const { from, to } of pairs) {
    const { rows } = await f.asOwner(
      `insert into public.automation_jobs (user_id, service_id, queue_name, max_attempts, timeout_ms, ${COLUMNS})
       values ($1, 'a-service', 'default', 3, 60000, ${valuesOf(from)}) returning id`,
      [f.user.id],
    );
    const allowed = await f
      .asOwner(`update public.automation_jobs set (${COLUMNS}) = row(${valuesOf(to)}) where id = $1`, [
        rows[0].id,
      ])
      .then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'GQ011' });
          return false;
        },
      );
    done.push({ from, to, allowed });
  }
  expect(done).toEqual(pairs.map(({ from, to }) => ({ from, to, allowed: isListed(from, to) })));
});
