-- Locks failed jobs and the jobs that they depend on, in the order in which ends lock: running jobs, then all others,
-- each by id.
create function gantry.hold_for_retry(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.automation_jobs j
  where j.id = any (p_job_ids || array(
    select d.depends_on_job_id from public.automation_job_dependencies d where d.job_id = any (p_job_ids)))
  order by j.status <> 'processing', j.id for no key update;
end $$;

-- Returns a failed job to the queue with all its attempts. Rows that have an answer keep it.
create function gantry.retry_job(p_job_id uuid, p_reason gantry.status_reason) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
  v_open integer;
  v_rank timestamptz;
begin
  perform gantry.hold_for_retry(array[p_job_id]);
  select * into v_job from public.automation_jobs j where j.id = p_job_id;
  -- The files of an expired job may be gone before the job is.
  if not found or v_job.expires_at <= v_now then
    raise exception using errcode = 'GQ002', message = 'JOB_NOT_FOUND';
  elsif v_job.status <> 'failed' then
    raise exception using errcode = 'GQ009', message = 'JOB_NOT_RETRYABLE',
      detail = jsonb_build_object('status', v_job.status);
  end if;
  perform gantry.enter_line();
  v_open := gantry.reopen_dependencies(p_job_id);
  select v_now - gantry.milliseconds(v_job.priority * q.priority_head_start_ms) into v_rank
  from public.automation_queues q where q.name = v_job.queue_name;
  with retried as (
    -- It still runs alone.
    update public.automation_jobs j set
      status = 'pending', status_reason = p_reason, event_seq = j.event_seq + 1, blocked_by = v_open, is_ready = v_open = 0,
      attempts_used = 0, losses = 0, run_at = v_now,
      rank = v_rank, place = gantry.place_of(j.queue_name, v_rank),
      failed_dependency_id = null, error_code = null, error_message = null, finished_at = null, expires_at = null
    where j.id = p_job_id
    returning j.id, j.attempt, j.event_seq, j.queue_name, j.place, j.rank, j.seq, j.user_id, j.service_id, j.priority, j.is_ready
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select r.id, r.event_seq, r.attempt, 'state', gantry.state_event('failed', 'pending', p_reason, null, null) from retried r
  ), revived as (
    delete from gantry.expiring_jobs e where e.expires_at = v_job.expires_at and e.job_id = v_job.id
  )
  insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
  select r.queue_name, r.place, r.rank, r.seq, r.id, r.user_id, r.service_id, r.priority from retried r where r.is_ready;
  perform pg_notify('gantry_events', p_job_id::text);
  perform pg_notify('gantry_jobs', v_job.queue_name);
end $$;

-- Retries those of these jobs that can be retried, in the order given. Returns how many.
create function gantry.retry_jobs(p_job_ids uuid[], p_reason gantry.status_reason) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job_id uuid;
  v_count integer := 0;
begin
  perform gantry.hold_for_retry(p_job_ids);
  foreach v_job_id in array p_job_ids loop
    begin
      perform gantry.retry_job(v_job_id, p_reason);
      v_count := v_count + 1;
    exception when sqlstate 'GQ002' or sqlstate 'GQ009' or sqlstate 'GQ012' then
      -- Deleted, retried by another caller, or dependent on a failed job.
    end;
  end loop;
  return v_count;
end $$;
