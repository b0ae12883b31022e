-- Cancels a pending or running job. Does nothing if it is cancelled already. A running job is cancelled at once: its
-- worker loses the lease and is notified, and calls free_slot when the browser is dead (docs/decisions/0001).
create function gantry.cancel_job(p_job_id uuid, p_reason gantry.status_reason, p_result_ttl_ms bigint) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for no key update;
  if not found then
    raise exception using errcode = 'GQ002', message = 'JOB_NOT_FOUND';
  elsif v_job.status = 'cancelled' then
    return;
  elsif v_job.status in ('completed', 'failed') then
    raise exception using errcode = 'GQ003', message = 'JOB_ALREADY_FINISHED',
      detail = jsonb_build_object('status', v_job.status);
  end if;
  with cancelled as (
    update public.automation_jobs set
      status = 'cancelled', status_reason = p_reason, event_seq = event_seq + 1, is_ready = false, blocked_by = 0,
      worker_id = null, lease_expires_at = null,
      finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
    where id = p_job_id
    returning id, attempt, event_seq, error_code, error_message, expires_at
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select c.id, c.event_seq, c.attempt, 'state',
      gantry.state_event(v_job.status, 'cancelled', p_reason, c.error_code, c.error_message)
    from cancelled c
  ), left_line as (
    delete from gantry.ready_jobs r
    where v_job.is_ready and r.queue_name = v_job.queue_name and r.user_id = v_job.user_id and r.place = v_job.place
      and r.rank = v_job.rank and r.seq = v_job.seq
  ), stopped as (
    delete from gantry.running_jobs r
    where v_job.status = 'processing' and r.queue_name = v_job.queue_name
      and r.attempt_started_at = v_job.attempt_started_at and r.job_id = v_job.id
  ), lingering as (
    insert into gantry.lingering_attempts (job_id, attempt, queue_name, held_until)
    select v_job.id, v_job.attempt, v_job.queue_name, v_job.lease_expires_at where v_job.status = 'processing'
  ), closed as (
    -- A job that ends no longer waits for others.
    update public.automation_job_dependencies d set is_open = false
    where v_job.blocked_by > 0 and d.job_id = p_job_id and d.is_open
  )
  insert into gantry.expiring_jobs (expires_at, job_id) select c.expires_at, c.id from cancelled c;
  if v_job.status = 'processing' then
    perform gantry.measure_attempt(v_job, 'cancelled', '{}');
    perform pg_notify('gantry_cancels', v_job.id::text);
  end if;
  perform pg_notify('gantry_events', v_job.id::text);
  if v_job.has_dependents then
    perform gantry.settle_dependencies(array[p_job_id]);
  end if;
end $$;

-- Cancels those of these jobs that have not finished. Returns how many.
create function gantry.cancel_jobs(p_job_ids uuid[], p_reason gantry.status_reason, p_result_ttl_ms bigint) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job_id uuid;
  v_count integer := 0;
begin
  -- All jobs that this may change, in the order in which ends of attempts lock: running jobs, then pending ones, each by id.
  perform from public.automation_jobs j
  where j.id = any (p_job_ids) and j.status = 'processing' order by j.id for no key update;
  perform from public.automation_jobs j
  where j.id = any (p_job_ids || gantry.find_waiting(p_job_ids)) and j.status = 'pending'
  order by j.id for no key update;
  foreach v_job_id in array p_job_ids loop
    -- One may have ended with another that it depends on.
    if exists (select from public.automation_jobs j where j.id = v_job_id and j.finished_at is null) then
      perform gantry.cancel_job(v_job_id, p_reason, p_result_ttl_ms);
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end $$;

-- The worker of a cancelled attempt confirms that its browser is gone.
create function gantry.free_slot(p_job_id uuid, p_attempt integer) returns void
  language plpgsql set search_path = '' as $$
declare
  v_queue_name text;
begin
  delete from gantry.lingering_attempts where job_id = p_job_id and attempt = p_attempt
  returning queue_name into v_queue_name;
  if found then
    perform pg_notify('gantry_jobs', v_queue_name);
  end if;
end $$;

-- Deletes the lingering attempts whose time is over. Returns their queues.
create function gantry.free_lingering(p_now timestamptz) returns table (queue_name text)
  language sql volatile set search_path = '' as $$
  delete from gantry.lingering_attempts where held_until <= p_now returning queue_name
$$;
