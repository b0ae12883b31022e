-- Completes attempts `[{jobId, attempt, summary, browser}]`, each for itself. Returns those that no longer held their
-- job; nothing of these was written.
create function gantry.complete_jobs(p_attempts jsonb, p_result_ttl_ms bigint)
  returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_completed uuid[];
  v_settling uuid[];
  v_queues text[];
begin
  -- In one order, against deadlocks.
  with given as materialized (
    select j.id, j.attempt, j.worker_id, g.summary, g.browser
    from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer, summary jsonb, browser jsonb)
    join public.automation_jobs j on j.id = any (array[g."jobId"]) and j.attempt = g.attempt
    order by g."jobId"
  ), completed as (
    update public.automation_jobs j set
      status = 'completed', status_reason = 'completed', event_seq = j.event_seq + 1, worker_id = null, lease_expires_at = null,
      finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
    from given g
    where j.id = any (array[g.id]) and j.attempt = g.attempt and j.status = 'processing' and j.lease_expires_at > v_now
    returning j.id, j.attempt, j.event_seq, j.user_id, j.service_id, j.queue_name, g.worker_id, j.run_at,
      j.attempt_started_at, j.expires_at, j.has_dependents, g.summary, g.browser
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select c.id, c.event_seq, c.attempt, 'state', '{"from": "processing", "to": "completed", "cause": {"code": "completed"}}'
    from completed c
  ), stopped as (
    delete from gantry.running_jobs r
    using (select c.queue_name, c.attempt_started_at, c.id from completed c offset 0) c
    where r.queue_name = any (array[c.queue_name]) and r.attempt_started_at = any (array[c.attempt_started_at])
      and r.job_id = any (array[c.id])
  ), expiring as (
    insert into gantry.expiring_jobs (expires_at, job_id) select c.expires_at, c.id from completed c
  ), summed_up as (
    insert into public.automation_job_payloads (job_id, summary)
    select c.id, c.summary from completed c where c.summary is not null
    on conflict (job_id) do update set summary = excluded.summary
  ), measured as (
    insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
      browser_launch_ms, browser_peak_memory_bytes, created_at)
    select c.id, c.attempt, c.service_id, c.worker_id, 'completed', gantry.elapsed_ms(c.run_at, c.attempt_started_at),
      gantry.elapsed_ms(c.attempt_started_at, v_now), (c.browser ->> 'launchMs')::integer,
      (c.browser ->> 'peakMemoryBytes')::bigint, v_now
    from completed c
  )
  select array_agg(c.id), array_agg(c.id) filter (where c.has_dependents), array_agg(distinct c.queue_name)
  into v_completed, v_settling, v_queues from completed c;
  perform gantry.settle_dependencies(v_settling);
  perform gantry.notify_events(v_completed);
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
  if cardinality(v_completed) = jsonb_array_length(p_attempts) then
    return;
  end if;
  return query
    select g."jobId", g.attempt from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer)
    except select j.id, j.attempt from public.automation_jobs j where j.id = any (v_completed);
end $$;

-- Ends an attempt with an error. The job is pending again after a back-off that doubles, or failed if the error is
-- permanent or no attempt is left. The back-off is shortened by up to a quarter at random, so that jobs that failed
-- together do not return together. Returns the outcome, and when the job may run again.
create function gantry.fail_job(
  p_job_id uuid, p_attempt integer, p_error_code text, p_error_message text, p_is_permanent boolean,
  p_backoff_ms integer, p_max_backoff_ms integer, p_result_ttl_ms bigint, p_browser jsonb default '{}'
) returns table (outcome text, retry_at timestamptz)
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
  v_now timestamptz := gantry.clock();
  v_retry_at timestamptz;
  v_outcome text := 'failed';
begin
  if not p_is_permanent and v_job.attempts_used < v_job.max_attempts then
    v_outcome := 'retry';
    v_retry_at := v_now + gantry.milliseconds(
      least(p_max_backoff_ms, p_backoff_ms * 2.0 ^ least(v_job.attempts_used - 1, 30)) * (0.75 + random() * 0.25));
  end if;
  with ended as (
    update public.automation_jobs set
      status = case v_outcome when 'retry' then 'pending' else 'failed' end,
      status_reason = (case when v_outcome = 'retry' then 'retry' when p_is_permanent then 'permanent_error'
        else 'attempts_used_up' end)::gantry.status_reason,
      event_seq = event_seq + 1, error_code = left(p_error_code, 80), error_message = left(p_error_message, 2000),
      worker_id = null, lease_expires_at = null, run_at = coalesce(v_retry_at, run_at),
      finished_at = case v_outcome when 'failed' then v_now end,
      expires_at = case v_outcome when 'failed' then v_now + gantry.milliseconds(p_result_ttl_ms) end
    where id = p_job_id
    returning id, status, status_reason, attempt, event_seq, error_code, error_message, expires_at
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select e.id, e.event_seq, e.attempt, 'state',
      gantry.state_event('processing', e.status, e.status_reason, e.error_code, e.error_message)
    from ended e
  ), stopped as (
    delete from gantry.running_jobs r
    where r.queue_name = v_job.queue_name and r.attempt_started_at = v_job.attempt_started_at and r.job_id = v_job.id
  )
  insert into gantry.expiring_jobs (expires_at, job_id)
  select e.expires_at, e.id from ended e where e.expires_at is not null;
  perform gantry.end_attempt(v_job, v_outcome, p_browser);
  if v_job.has_dependents and v_outcome = 'failed' then
    perform gantry.settle_dependencies(array[p_job_id]);
  end if;
  return query select v_outcome, v_retry_at;
end $$;

-- A draining worker releases a job: it is pending again at once and the attempt does not count.
create function gantry.release_job(p_job_id uuid, p_attempt integer, p_browser jsonb default '{}') returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
begin
  perform gantry.enter_line();
  with released as (
    update public.automation_jobs set
      status = 'pending', status_reason = 'released', event_seq = event_seq + 1, is_ready = true,
      attempts_used = attempts_used - 1, worker_id = null, lease_expires_at = null, run_at = gantry.clock(),
      place = gantry.place_of(queue_name, rank)
    where id = p_job_id
    returning id, attempt, event_seq, queue_name, place, rank, seq, user_id, service_id, priority, error_code, error_message
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select r.id, r.event_seq, r.attempt, 'state',
      gantry.state_event('processing', 'pending', 'released', r.error_code, r.error_message)
    from released r
  ), stopped as (
    delete from gantry.running_jobs r
    where r.queue_name = v_job.queue_name and r.attempt_started_at = v_job.attempt_started_at and r.job_id = v_job.id
  )
  insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
  select r.queue_name, r.place, r.rank, r.seq, r.id, r.user_id, r.service_id, r.priority from released r;
  perform gantry.end_attempt(v_job, 'released', p_browser);
end $$;
