import { describe, expect, test } from 'vitest';

import type { Fixture } from './fixture.ts';
import { runModel } from './model/run-model.ts';

/** Runs of 60 commands each. MODEL_RUNS=1000 for a night. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 40);

test('whatever happens in whatever order, the queue does what a simple model of it does', async () => {
  const jobs = await runModel({ runs: RUNS });
  // Nothing is said by runs in which nothing happens.
  const statuses = new Set(jobs.map(({ status }) => status));
  expect(statuses).toEqual(new Set(['pending', 'processing', 'completed', 'failed', 'cancelled']));
  expect(jobs.filter(({ losses }) => losses > 0).length).toBeGreaterThan(0);
  expect(jobs.filter(({ runsAlone, losses }) => runsAlone && losses === 0).length).toBeGreaterThan(0);
  expect(jobs.filter(({ attempt, used }) => attempt > used).length).toBeGreaterThan(0);
}, 3_600_000);

describe('the model notices a queue that is wrong in one place', () => {
  test.for([
    ['hold_job', 'or v_job.attempt <> p_attempt', ''],
    ['hold_job', 'or v_job.lease_expires_at <= gantry.clock()', ''],
    ['complete_jobs', 'and j.attempt = g.attempt', ''],
    ['complete_jobs', 'and j.lease_expires_at > v_now', ''],
    ['heartbeat', 'and j.lease_expires_at > v_now', ''],
    ['heartbeat', 'and j.worker_id = p_worker_id', ''],
    ['release_job', 'attempts_used = attempts_used - 1', 'attempts_used = attempts_used'],
    ['cancel_job', 'v_job.lease_expires_at)', 'v_now)'],
    ['fail_job', 'v_job.attempts_used < v_job.max_attempts', 'v_job.attempts_used <= v_job.max_attempts'],
    ['claim_jobs', 'where l.queue_name = q.name and l.held_until > v_now', 'where false'],
    ['claim_jobs', 'not q.is_paused', 'true'],
    ['choose_jobs', 'order by j.rank, j.seq limit p_limit) c', 'order by j.seq limit p_limit) c'],
    ['rescue_jobs', 'running.jobs > 1', 'false'],
    ['rescue_jobs', "w.status in ('lost', 'stopped')", "w.status = 'lost'"],
    [
      'record_transitions',
      'where m.status <> m.old_status',
      "where m.status <> m.old_status and m.status <> 'pending'",
    ],
    ['record_transitions', 'where m.leaves offset 0', "where m.leaves and m.status <> 'cancelled' offset 0"],
    ['record_transitions', 'where m.stops offset 0', "where m.stops and m.status = 'completed' offset 0"],
  ] as const)('gantry.%s: "%s" -> "%s"', async ([name, right, wrong]) => {
    const prepare = (f: Fixture) => f.rewrite(name, right, wrong);
    await expect(runModel({ runs: 300, isQuick: true, prepare })).rejects.toThrow(/Property failed/);
  });
});
