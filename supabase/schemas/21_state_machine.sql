-- Each function that moves a job writes the job, its event and its rows in the tables of 16_hot_tables.sql in one
-- statement. The triggers here hold for every writer: no job makes another transition, and what belongs to a job is
-- deleted with it.

-- The transitions of a job; every other one is refused. JOB_TRANSITIONS in packages/contract has the same pairs.
create function gantry.is_transition(p_from text, p_to text) returns boolean
  language sql immutable return (p_from, p_to) in (
    ('pending', 'processing'),    -- claimed
    ('pending', 'failed'),        -- a dependency failed
    ('pending', 'cancelled'),     -- cancelled, or a dependency failed
    ('processing', 'completed'),
    ('processing', 'failed'),     -- permanent error, or attempts used up
    ('processing', 'cancelled'),  -- cancelled: the worker loses the lease
    ('processing', 'pending'),    -- back-off, released by a draining worker, or rescued
    ('failed', 'pending'));       -- retried by hand

-- After the row, not before: a trigger before it would lock, and so write, each row twice.
create function gantry.refuse_transition() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'GQ011', message = 'TRANSITION_REFUSED',
    detail = jsonb_build_object('from', old.status, 'to', new.status);
end $$;
create trigger refuse_transition after update of status on public.automation_jobs
  for each row when (old.status <> new.status and not gantry.is_transition(old.status, new.status))
  execute function gantry.refuse_transition();

-- What the event of a transition says.
create function gantry.state_event(
  p_from text, p_to text, p_reason gantry.status_reason, p_error_code text, p_error_message text,
  p_failed_dependency_id uuid default null, p_losses smallint default null
) returns jsonb
  language sql immutable
  return jsonb_strip_nulls(jsonb_build_object('from', p_from, 'to', p_to,
    'cause', gantry.status_cause(p_reason, p_failed_dependency_id, p_losses),
    'errorCode', p_error_code, 'errorMessage', p_error_message));

-- Runs as the owner, as all functions that write do: also when an account is deleted.
create function gantry.delete_with_jobs() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  v_job_ids uuid[] := array(select d.id from deleted d);
begin
  delete from public.automation_job_events where job_id = any (v_job_ids);
  delete from public.automation_job_payloads where job_id = any (v_job_ids);
  delete from public.job_execution_metrics where job_id = any (v_job_ids);
  delete from gantry.ready_jobs r using deleted d
  where d.is_ready and r.queue_name = any (array[d.queue_name]) and r.user_id = any (array[d.user_id])
    and r.place = any (array[d.place]) and r.rank = any (array[d.rank]) and r.seq = any (array[d.seq]);
  delete from gantry.running_jobs r using deleted d
  where d.status = 'processing' and r.queue_name = any (array[d.queue_name])
    and r.attempt_started_at = any (array[d.attempt_started_at]) and r.job_id = any (array[d.id]);
  delete from gantry.expiring_jobs r using deleted d
  where r.expires_at = any (array[d.expires_at]) and r.job_id = any (array[d.id]);
  return null;
end $$;
create trigger delete_with_jobs after delete on public.automation_jobs
  referencing old table as deleted for each statement execute function gantry.delete_with_jobs();

create function gantry.truncate_with_jobs() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  truncate gantry.ready_jobs, gantry.running_jobs, gantry.expiring_jobs;
  return null;
end $$;
create trigger truncate_with_jobs after truncate on public.automation_jobs
  for each statement execute function gantry.truncate_with_jobs();
