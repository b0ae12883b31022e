-- A job that kills its worker may do so to the next one. Who was it, when several ran side by side? Nobody is blamed
-- for a loss in company: the attempts are given back, but from then on each of these jobs runs alone. Whose worker dies
-- again, with nothing beside it, is to blame: such a loss uses up an attempt, and after three the job has failed.

alter table public.automation_jobs
  -- A worker was lost while it ran this job: it runs beside no other job of the same worker any more.
  add column runs_alone boolean not null default false,
  -- How often its worker was lost while it ran this job and nothing else, since it was submitted or retried by hand.
  add column losses smallint not null default 0 check (losses between 0 and 3);

-- Whoever retries a job by hand gives it all its attempts again. It still has to run alone.
create function gantry.forgive_losses() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.losses := 0;
  return new;
end $$;
create trigger forgive_losses before update of status on public.automation_jobs
  for each row when (old.status = 'failed' and new.status = 'pending')
  execute function gantry.forgive_losses();

-- Finds workers whose session is gone for longer than the grace and that have not been heard of since, or that
-- have said nothing for very long, and gives their jobs and every job without a valid lease to others: pending
-- again, or failed after the last attempt. Safe to run anywhere, any number of times at once.
create or replace function gantry.rescue_jobs(
  p_session_grace_ms integer, p_stuck_after_ms integer, p_result_ttl_ms bigint, p_limit integer default 100
) returns table (job_id uuid, outcome text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  c_most_losses constant integer := 3;
  v_now timestamptz := gantry.clock();
  v_lost record;
  v_used integer;
  v_losses integer;
  v_outcome text;
begin
  perform gantry.promote_due_jobs();

  update public.automation_workers w
  set session_lost_at = case when w.session_lost_at is null then v_now end
  where w.id in (
    select c.id from public.automation_workers c
    where c.status in ('active', 'draining') and (c.session_lost_at is null) = not exists (
      select from pg_catalog.pg_locks l
      where l.locktype = 'advisory' and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
        and l.classid = gantry.session_lock_class()::oid and l.objid = c.session_key::oid and l.objsubid = 2 and l.granted)
    for update skip locked);

  -- A heartbeat after the session was missed proves that the worker lives and only its listener is gone.
  update public.automation_workers set status = 'lost', stopped_at = v_now
  where id in (
    select w.id from public.automation_workers w
    where w.status in ('active', 'draining')
      and ((w.session_lost_at < v_now - gantry.milliseconds(p_session_grace_ms) and w.heartbeat_at < w.session_lost_at)
        or w.heartbeat_at < v_now - gantry.milliseconds(p_stuck_after_ms))
    for update skip locked);

  for v_lost in
    select j as job, w.status = 'stopped' as is_stopped,
      -- As it was when this statement began: those that are rescued before it in this loop count.
      exists (select from public.automation_jobs other
        where other.status = 'processing' and other.worker_id = j.worker_id and other.id <> j.id) as is_in_company
    from public.automation_jobs j join public.automation_workers w on w.id = j.worker_id
    where j.status = 'processing' and (j.lease_expires_at <= v_now or w.status in ('lost', 'stopped'))
    order by j.lease_expires_at limit p_limit for update of j skip locked
  loop
    v_losses := (v_lost.job).losses;
    v_used := (v_lost.job).attempts_used;
    if v_lost.is_stopped or v_lost.is_in_company then
      -- A worker that stopped in good order could not give it back any more; or who was it?
      v_used := v_used - 1;
    else
      v_losses := v_losses + 1;
    end if;
    v_outcome := case when v_used < (v_lost.job).max_attempts and v_losses < c_most_losses then 'rescued' else 'failed' end;
    update public.automation_jobs j set
      status = case v_outcome when 'rescued' then 'pending' else 'failed' end,
      status_reason = 'worker lost', is_ready = (v_outcome = 'rescued'), worker_id = null, lease_expires_at = null,
      attempts_used = v_used, losses = v_losses, runs_alone = j.runs_alone or not v_lost.is_stopped,
      run_at = v_now, error_code = 'WORKER_LOST',
      error_message = case
        when v_losses = c_most_losses then format('The worker died or stopped answering %s times while it ran this job '
          'and no other, so it is not tried again. Try it with less input, or tell whoever maintains this service.', v_losses)
        when v_outcome = 'failed' then 'The worker that ran this job died or stopped answering, and no attempt is left. '
          'Retry the job to give it new ones.'
        else 'The worker that ran this job died or stopped answering.' end,
      finished_at = case v_outcome when 'failed' then v_now end,
      expires_at = case v_outcome when 'failed' then v_now + gantry.milliseconds(p_result_ttl_ms) end
    where j.id = (v_lost.job).id;
    perform gantry.end_attempt(v_lost.job, 'lost');
    return query select (v_lost.job).id, v_outcome;
  end loop;

  -- Of cancelled attempts whose worker has not said that the browser is gone.
  perform pg_notify('gantry_jobs', freed.queue_name) from gantry.free_lingering(v_now) freed;
end $$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
