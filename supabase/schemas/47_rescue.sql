-- Finds workers whose session has been gone for longer than the grace period and that have sent no heartbeat since, or
-- no heartbeat for very long. Their jobs, and every job whose lease has ended, are pending again, or failed after the
-- last attempt. Safe to run anywhere, any number of times at once.
--
-- A job may have killed its worker and may do so again. When several ran side by side, none is blamed: their attempts
-- do not count, but each runs alone from then on. A job whose worker dies while it runs alone uses up an attempt, and
-- fails after three such losses (docs/decisions/0005).
create function gantry.rescue_jobs(p_session_grace_ms integer, p_stuck_after_ms integer, p_result_ttl_ms bigint)
  returns table (job_id uuid, outcome text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  c_most_losses constant integer := 3;
  v_now timestamptz := gantry.clock();
  v_ended record;
  v_settling uuid[];
begin
  update public.automation_workers w
  set session_lost_at = case when w.session_lost_at is null then v_now end
  where w.id = any (array(
    select c.id from public.automation_workers c
    where c.status in ('active', 'draining') and (c.session_lost_at is null) = not exists (
      select from pg_catalog.pg_locks l
      where l.locktype = 'advisory' and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
        and l.classid = gantry.session_lock_class()::oid and l.objid = c.session_key::oid and l.objsubid = 2 and l.granted)
    for update skip locked));

  -- A heartbeat after the session was missed proves that the worker is alive and lost only its listener.
  update public.automation_workers set status = 'lost', stopped_at = v_now
  where id = any (array(
    select w.id from public.automation_workers w
    where w.status in ('active', 'draining')
      and ((w.session_lost_at < v_now - gantry.milliseconds(p_session_grace_ms) and w.heartbeat_at < w.session_lost_at)
        or w.heartbeat_at < v_now - gantry.milliseconds(p_stuck_after_ms))
    for update skip locked));

  perform gantry.enter_line();
  for v_ended in
    with running as materialized (
      select j.worker_id, count(*) as jobs
      from gantry.running_jobs r join public.automation_jobs j on j.id = any (array[r.job_id]) group by j.worker_id
    ), lost as materialized (
      select j.id, j.attempt, j.service_id, j.worker_id, j.queue_name, j.run_at, j.attempt_started_at, j.max_attempts,
        w.status <> 'stopped' as is_suspect,
        j.attempts_used - (f.is_forgiven)::integer as used, j.losses + (not f.is_forgiven)::integer as losses
      from gantry.running_jobs r
      join public.automation_jobs j on j.id = any (array[r.job_id])
      join public.automation_workers w on w.id = j.worker_id
      join running on running.worker_id = j.worker_id
      -- Not to blame: the worker stopped in good order and could not release the job, or it ran several.
      cross join lateral (select w.status = 'stopped' or running.jobs > 1 as is_forgiven) f
      where j.status = 'processing' and (j.lease_expires_at <= v_now or w.status in ('lost', 'stopped'))
      -- All jobs of a worker at once: a job left for the next call would be blamed as if it had run alone.
      for no key update of j skip locked
    ), evaluated as materialized (
      select l.*, l.used < l.max_attempts and l.losses < c_most_losses as is_rescued from lost l
    ), ended as (
      update public.automation_jobs j set
        status = case when d.is_rescued then 'pending' else 'failed' end,
        status_reason = (case when d.losses = c_most_losses then 'worker_lost_repeatedly'
          when d.is_rescued then 'worker_lost' else 'worker_lost_last_attempt' end)::gantry.status_reason,
        event_seq = j.event_seq + 1, is_ready = d.is_rescued, worker_id = null, lease_expires_at = null,
        attempts_used = d.used, losses = d.losses, runs_alone = j.runs_alone or d.is_suspect,
        place = gantry.place_of(j.queue_name, j.rank), run_at = v_now, error_code = 'WORKER_LOST', error_message = null,
        finished_at = case when not d.is_rescued then v_now end,
        expires_at = case when not d.is_rescued then v_now + gantry.milliseconds(p_result_ttl_ms) end
      from evaluated d where j.id = any (array[d.id])
      returning j.id, j.status, j.status_reason, j.losses, j.attempt, j.event_seq, j.error_code, j.error_message, j.is_ready,
        j.queue_name, j.place, j.rank, j.seq, j.user_id, j.service_id, j.priority, j.attempt_started_at, j.expires_at,
        j.has_dependents
    ), written as (
      insert into public.automation_job_events (job_id, seq, attempt, type, data)
      select e.id, e.event_seq, e.attempt, 'state',
        gantry.state_event('processing', e.status, e.status_reason, e.error_code, null, null, e.losses)
      from ended e
    ), stopped as (
      delete from gantry.running_jobs r
      using (select e.queue_name, e.attempt_started_at, e.id from ended e offset 0) e
      where r.queue_name = any (array[e.queue_name]) and r.attempt_started_at = any (array[e.attempt_started_at])
        and r.job_id = any (array[e.id])
    ), joined_line as (
      insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
      select e.queue_name, e.place, e.rank, e.seq, e.id, e.user_id, e.service_id, e.priority from ended e where e.is_ready
    ), expiring as (
      insert into gantry.expiring_jobs (expires_at, job_id)
      select e.expires_at, e.id from ended e where e.expires_at is not null
    ), measured as (
      insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
        created_at)
      select d.id, d.attempt, d.service_id, d.worker_id, 'lost', gantry.elapsed_ms(d.run_at, d.attempt_started_at),
        gantry.elapsed_ms(d.attempt_started_at, v_now), v_now
      from evaluated d
    )
    select e.id, e.queue_name, e.status, e.has_dependents from ended e
  loop
    perform pg_notify('gantry_events', v_ended.id::text);
    perform pg_notify('gantry_jobs', v_ended.queue_name);
    job_id := v_ended.id;
    outcome := case v_ended.status when 'failed' then 'failed' else 'rescued' end;
    if v_ended.has_dependents and v_ended.status = 'failed' then
      v_settling := v_settling || v_ended.id;
    end if;
    return next;
  end loop;
  perform gantry.settle_dependencies(v_settling);

  -- Cancelled attempts whose worker has not confirmed that the browser is gone.
  perform pg_notify('gantry_jobs', freed.queue_name) from gantry.free_lingering(v_now) freed;

  -- Last, since it locks waiting jobs, and an end above may have to wait for these.
  perform gantry.promote_due_jobs();
  -- Jobs that join a line wait from here until this ends.
  perform gantry.move_line_starts();
end $$;
