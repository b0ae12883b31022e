-- The settings of the planner, function by function. A queue is empty one minute and full the next, and a plan that was
-- made for a small table, which reads and sorts all of it, would stay when the table has grown. So each function switches
-- off what could tempt the planner away from the look-ups by key that it is written for (packages/core/tests/schema/plans.test.ts and
-- kept-plans.test.ts count the rows that they touch).
do $$
declare
  v_profile record;
  v_name text;
  v_setting text;
begin
  for v_profile in
    select * from (values
      -- Rows by their keys.
      ('{lock_job, append_events, save_checkpoint, add_artifact, find_waiting, reopen_dependencies, record_turns, heartbeat,
         move_running_start, fail_job, release_job, cancel_job, cancel_jobs, hold_for_retry, retry_job, expire_job,
         delete_expired_jobs}'::text[],
       '{enable_seqscan = off}'::text[]),
      -- Rows that are joined to sets of keys. `= any (array[x])` in these means `= x`, and leaves only a look-up by the key.
      ('{delete_with_jobs, submit_linked_jobs, find_running}',
       '{enable_seqscan = off, enable_hashjoin = off, enable_mergejoin = off}'),
      ('{complete_jobs, rescue_jobs, move_waiting_jobs}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_hashjoin = off, enable_mergejoin = off}'),
      ('{claim_jobs}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off, enable_hashjoin = off,
         enable_mergejoin = off}'),
      ('{submit_jobs}', '{plan_cache_mode = force_generic_plan, enable_seqscan = off}'),
      -- Whatever its caller has set: a nested loop would read all jobs.
      ('{settle_dependencies}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_hashjoin = on, enable_mergejoin = off}'),
      -- The first rows of an index. Without sorts, the planner finds them by the index that has their order.
      ('{promote_due_jobs, move_line_starts}', '{enable_seqscan = off, enable_bitmapscan = off, enable_sort = off}'),
      ('{find_expired_jobs}',
       '{plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off, enable_sort = off}'),
      ('{choose_jobs, jobs_ahead, jobs_ahead_by_turns}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off, enable_sort = off}'),
      ('{describe_wait}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off}'),
      -- One process: claims need the other processors.
      ('{count_jobs}', '{jit = off, max_parallel_workers_per_gather = 0}')
    ) p (functions, settings)
  loop
    foreach v_name in array v_profile.functions loop
      foreach v_setting in array v_profile.settings loop
        execute format('alter function gantry.%I set %s', v_name, v_setting);
      end loop;
    end loop;
  end loop;
end $$;
