-- Triggers on automation_jobs: whatever changes a job, they check its transitions, write their events and maintain the
-- tables of 16_hot_tables.sql.

-- The transitions of a job; every other one is refused. JOB_TRANSITIONS in packages/core/src/job.ts has the same pairs.
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

-- Sets what changes with the status of a job. Claims and completions change many jobs at once and need none of it but
-- the number of the event, so they set that themselves.
create function gantry.enter_status() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.event_seq := old.event_seq + 1;
  if old.status = 'failed' and new.status = 'pending' then
    -- A retry by hand gives the job all its attempts again. It still runs alone.
    new.losses := 0;
    new.blocked_by := gantry.reopen_dependencies(new.id);
    new.is_ready := new.is_ready and new.blocked_by = 0;
  elsif old.blocked_by > 0 and new.status <> 'pending' then
    -- A job that ends no longer waits for others.
    update public.automation_job_dependencies d set is_open = false where d.job_id = new.id and d.is_open;
    new.blocked_by := 0;
  end if;
  return new;
end $$;
create trigger enter_status before update of status on public.automation_jobs
  for each row when (old.status is distinct from new.status and old.event_seq = new.event_seq)
  execute function gantry.enter_status();

create function gantry.refuse_transition(p_from text, p_to text) returns text
  language plpgsql set search_path = '' as $$
begin
  raise exception 'A job cannot go from % to %.', p_from, p_to using errcode = 'GQ009';
end $$;

create function gantry.record_submitted() returns trigger
  language plpgsql set search_path = '' as $$
begin
  with told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select s.id, 1, 0, 'state', jsonb_build_object('to', s.status, 'reason', s.status_reason) from submitted s
  ), ended as (
    insert into gantry.expiring_jobs (expires_at, job_id)
    select s.expires_at, s.id from submitted s where s.expires_at is not null
  )
  insert into gantry.ready_jobs (queue_name, rank, seq, job_id, user_id, service_id)
  select s.queue_name, s.rank, s.seq, s.id, s.user_id, s.service_id from submitted s where s.is_ready;
  return null;
end $$;
create trigger record_submitted after insert on public.automation_jobs
  referencing new table as submitted for each statement execute function gantry.record_submitted();

-- For all the jobs that a statement changed: writes their events, moves them between the narrow tables, and settles
-- the dependencies on those that ended.
create function gantry.record_transitions() returns trigger
  -- The planner assumes one row per transition table and would choose a nested loop; a full join rules that out.
  -- `= any (array[x])` means `= x`, but leaves the planner only a look-up by the key. It would otherwise read a whole
  -- table, if that was empty when the plan was made, for each row.
  --
  -- Runs as the owner: deleting an account in the schema `auth` changes jobs too, by foreign keys, and the role that does
  -- it has no rights here.
  language plpgsql security definer set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_mergejoin = off as $$
declare
  v_ended uuid[];
begin
  with moved as materialized (
    select n.id, n.seq, n.user_id, n.service_id, n.queue_name, n.rank, n.status, n.status_reason, n.attempt, n.event_seq,
      n.error_code, n.error_message, n.has_dependents, n.finished_at, n.expires_at, o.expires_at as old_expires_at,
      o.status as old_status, o.event_seq as old_event_seq, o.rank as old_rank, o.queue_name as old_queue_name,
      o.is_ready and not (n.is_ready and n.rank = o.rank and n.queue_name = o.queue_name) as leaves,
      n.is_ready and not (o.is_ready and n.rank = o.rank and n.queue_name = o.queue_name) as joins,
      o.status = 'processing' and not (n.status = 'processing' and n.queue_name = o.queue_name) as stops,
      n.status = 'processing' and not (o.status = 'processing' and n.queue_name = o.queue_name) as starts
    from before_update o full join after_update n on n.id = o.id
    where (n.status, n.is_ready, n.rank, n.queue_name, n.expires_at)
      is distinct from (o.status, o.is_ready, o.rank, o.queue_name, o.expires_at)
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select m.id, m.event_seq, m.attempt,
      case when m.event_seq = m.old_event_seq + 1 and gantry.is_transition(m.old_status, m.status)
        then 'state' else gantry.refuse_transition(m.old_status, m.status) end,
      jsonb_build_object('from', m.old_status, 'to', m.status, 'reason', m.status_reason)
        || case when m.error_code is null then '{}'
          else jsonb_build_object('errorCode', m.error_code, 'errorMessage', m.error_message) end
    from moved m where m.status <> m.old_status
  ), left_line as (
    -- Postgres keeps whole rows of what a delete joins, so these are short.
    delete from gantry.ready_jobs r
    using (select m.old_queue_name, m.old_rank, m.seq from moved m where m.leaves offset 0) m
    where r.queue_name = any (array[m.old_queue_name]) and r.rank = any (array[m.old_rank]) and r.seq = any (array[m.seq])
  ), joined_line as (
    insert into gantry.ready_jobs (queue_name, rank, seq, job_id, user_id, service_id)
    select m.queue_name, m.rank, m.seq, m.id, m.user_id, m.service_id from moved m where m.joins
  ), started as (
    insert into gantry.running_jobs (queue_name, user_id, job_id)
    select m.queue_name, m.user_id, m.id from moved m where m.starts
  ), stopped as (
    delete from gantry.running_jobs r
    using (select m.old_queue_name, m.user_id, m.id from moved m where m.stops offset 0) m
    where r.queue_name = any (array[m.old_queue_name]) and r.user_id = any (array[m.user_id]) and r.job_id = any (array[m.id])
  ), ended as (
    insert into gantry.expiring_jobs (expires_at, job_id)
    select m.expires_at, m.id from moved m where m.expires_at is distinct from m.old_expires_at and m.expires_at is not null
  ), revived as (
    delete from gantry.expiring_jobs r
    using (select m.old_expires_at, m.id from moved m where m.old_expires_at is distinct from m.expires_at offset 0) m
    where r.expires_at = any (array[m.old_expires_at]) and r.job_id = any (array[m.id])
  )
  select array_agg(m.id) into v_ended from moved m where m.has_dependents and m.finished_at is not null and m.status <> m.old_status;
  if v_ended is not null then
    perform gantry.settle_dependencies(v_ended);
  end if;
  return null;
end $$;
create trigger record_transitions after update on public.automation_jobs
  referencing old table as before_update new table as after_update
  for each statement execute function gantry.record_transitions();

-- Runs as the owner: the service role may not delete a job's events and metrics.
create function gantry.delete_with_jobs() returns trigger
  language plpgsql security definer set search_path = ''
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  v_job_ids uuid[] := array(select d.id from deleted d);
begin
  delete from public.automation_job_events where job_id = any (v_job_ids);
  delete from public.automation_job_payloads where job_id = any (v_job_ids);
  delete from public.job_execution_metrics where job_id = any (v_job_ids);
  delete from gantry.ready_jobs r using deleted d
  where d.is_ready and r.queue_name = any (array[d.queue_name]) and r.rank = any (array[d.rank]) and r.seq = any (array[d.seq]);
  delete from gantry.running_jobs r using deleted d
  where d.status = 'processing' and r.queue_name = any (array[d.queue_name]) and r.user_id = any (array[d.user_id])
    and r.job_id = any (array[d.id]);
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
