import { describe, expect, test } from 'vitest';

import type { Fixture } from '../fixture.ts';
import { runModel } from './model/run-model.ts';

/** Runs of 60 commands each. MODEL_RUNS=1000 for a night. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 40);
const isLong = process.env['MODEL_RUNS'] !== undefined;

/** A function, the words in it that are replaced, by what, and a sequence that shows it, which a long search does without. */
type Fault = readonly [name: string, right: string, wrong: string, from?: { seed: number; path: string }];

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
  test.for<Fault>([
    ['lock_job', 'or v_job.attempt <> p_attempt', '', { seed: -286697989, path: '2' }],
    ['lock_job', 'or v_job.lease_expires_at <= gantry.clock()', '', { seed: -948182211, path: '4' }],
    ['complete_jobs', 'and j.attempt = g.attempt', '', { seed: -2056423654, path: '17' }],
    ['complete_jobs', 'and j.lease_expires_at > v_now', '', { seed: 1887819857, path: '25' }],
    ['heartbeat', 'and j.lease_expires_at > v_now', '', { seed: -1129165844, path: '3' }],
    ['heartbeat', 'and j.worker_id = p_worker_id', '', { seed: -1382350700, path: '0' }],
    [
      'release_job',
      'attempts_used = attempts_used - 1',
      'attempts_used = attempts_used',
      { seed: 1450443838, path: '6' },
    ],
    ['cancel_job', 'v_job.lease_expires_at where', 'v_now where', { seed: -778571009, path: '1' }],
    [
      'fail_job',
      'v_job.attempts_used < v_job.max_attempts',
      'v_job.attempts_used <= v_job.max_attempts',
      { seed: -329102489, path: '239' },
    ],
    [
      'claim_jobs',
      'where l.queue_name = q.name and l.held_until > v_now',
      'where false',
      { seed: 967976853, path: '10' },
    ],
    ['claim_jobs', 'not q.is_paused', 'true', { seed: 572134186, path: '1' }],
    [
      'choose_jobs',
      'order by j.place, j.rank, j.seq limit p_limit) c',
      'order by j.seq limit p_limit) c',
      { seed: -231568900, path: '15' },
    ],
    ['rescue_jobs', 'running.jobs > 1', 'false', { seed: 459454666, path: '3' }],
    ['rescue_jobs', "w.status in ('lost', 'stopped')", "w.status = 'lost'", { seed: -1372804351, path: '5' }],
    ['release_job', 'from released r\n  ), stopped', 'from released r where false\n  ), stopped'],
    ['complete_jobs', 'from completed c\n  ), stopped', 'from completed c where false\n  ), stopped'],
    ['cancel_job', 'where v_job.is_ready and', 'where false and'],
    ['fail_job', 'where r.queue_name = v_job.queue_name and', 'where false and'],
    ['rescue_jobs', 'from ended e where e.is_ready', 'from ended e where false'],
    ['promote_due_jobs', 'from promoted p\n  ), told', 'from promoted p where false\n  ), told'],
    [
      'submit_jobs',
      'greatest(c.rank, (select s.first_place from starts s where s.queue_name = c.queue_name))',
      'c.rank',
    ],
    ['release_job', 'place = gantry.place_of(queue_name, rank)', 'place = rank'],
    ['rescue_jobs', 'place = gantry.place_of(j.queue_name, j.rank)', 'place = j.rank'],
    ['move_running_start', 'order by j.attempt_started_at,', 'order by j.attempt_started_at desc,'],
    ['retry_job', 'e.expires_at = v_job.expires_at and', 'false and'],
  ])('gantry.%s: "%s" -> "%s"', async ([name, right, wrong, from]) => {
    const prepare = (f: Fixture) => f.rewrite(name, right, wrong);
    await expect(
      runModel({ runs: 300, isQuick: true, prepare, from: isLong ? undefined : from }),
    ).rejects.toThrow(/Property failed/);
  });
});
