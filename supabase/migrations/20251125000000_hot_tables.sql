-- What runs hot stands in narrow tables of its own: the jobs that are ready, those that run, and those that have ended and
-- will expire. The table of jobs keeps no index of a column that a claim or a completion changes, so both change the row
-- in its page and no index (a heap-only update). The narrow tables are kept by the one trigger that also writes the events, whoever changes a job.

-- ---------------------------------------------------------------------------------------------------------
-- The line, and what runs
-- ---------------------------------------------------------------------------------------------------------

-- The jobs that are ready, in the order of claims.
create table gantry.ready_jobs (
  queue_name text not null,
  rank timestamptz not null,
  seq bigint not null,
  job_id uuid not null,
  user_id uuid not null,
  service_id text not null,
  primary key (queue_name, rank, seq)
);
-- The next job of each user, to let them take turns.
create index ready_jobs_turn_idx on gantry.ready_jobs (queue_name, user_id, rank, seq);

create table gantry.running_jobs (
  queue_name text not null,
  user_id uuid not null,
  job_id uuid not null,
  primary key (queue_name, user_id, job_id)
);

-- The jobs that have ended, in the order in which they expire.
create table gantry.expiring_jobs (
  expires_at timestamptz not null,
  job_id uuid not null,
  primary key (expires_at, job_id)
);

-- All their rows come and go: they are cleaned by how many went, not by a share of how many there are.
alter table gantry.ready_jobs set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
alter table gantry.running_jobs set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table gantry.ready_jobs enable row level security;
alter table gantry.running_jobs enable row level security;
alter table gantry.expiring_jobs enable row level security;
grant select, insert, delete on gantry.ready_jobs, gantry.running_jobs, gantry.expiring_jobs to service_role;

drop index public.automation_jobs_ready_idx;
drop index public.automation_jobs_turn_idx;
drop index public.automation_jobs_processing_idx;
drop index public.automation_jobs_due_idx;
drop index public.automation_jobs_waiting_idx;
drop index public.automation_jobs_unhappy_idx;
drop index public.automation_jobs_schedule_id_idx;
drop index public.automation_jobs_expires_at_idx;

-- A page has room for a second version of each row, so that a batch of jobs can be claimed in their pages. Before the
-- table is written anew for its columns.
alter table public.automation_jobs set (fillfactor = 45);
alter table public.automation_jobs
  -- For indexes: a column that stays as it is while a job is claimed and completed keeps the update out of them.
  add column is_waiting boolean not null generated always as (status = 'pending' and not is_ready) stored,
  add column is_unhappy boolean not null generated always as (status in ('failed', 'cancelled')) stored,
  add column unfinished_schedule_id uuid generated always as (case when finished_at is null then schedule_id end) stored;

create index automation_jobs_due_idx on public.automation_jobs (run_at) where is_waiting and blocked_by = 0;
create index automation_jobs_waiting_idx on public.automation_jobs (user_id, queue_name) where is_waiting;
-- The rare ends, which lists are filtered by; all others are found soon on the way back from the newest job.
create index automation_jobs_unhappy_idx on public.automation_jobs (seq) where is_unhappy;
create index automation_jobs_schedule_id_idx on public.automation_jobs (schedule_id) where schedule_id is not null;
create index automation_jobs_unfinished_schedule_idx on public.automation_jobs (unfinished_schedule_id)
  where unfinished_schedule_id is not null;

-- One condition for each status. Every statement that writes a job reads the text of all conditions anew.
alter table public.automation_jobs
  drop constraint automation_jobs_status_check,
  drop constraint automation_jobs_ready_check,
  drop constraint automation_jobs_blocked_check,
  drop constraint automation_jobs_lease_check,
  drop constraint automation_jobs_started_check,
  drop constraint automation_jobs_finished_check,
  add constraint automation_jobs_status_check check (case status
    when 'pending' then not (is_ready and blocked_by > 0)
      and num_nonnulls(worker_id, lease_expires_at, finished_at, expires_at) = 0
    when 'processing' then not is_ready and blocked_by = 0
      and num_nulls(worker_id, lease_expires_at, attempt_started_at) = 0 and num_nonnulls(finished_at, expires_at) = 0
    else status in ('completed', 'failed', 'cancelled') and not is_ready and blocked_by = 0
      and num_nonnulls(worker_id, lease_expires_at) = 0 and num_nulls(finished_at, expires_at) = 0 end);

-- By now this holds the table of jobs against everybody: what was under way is done and seen.
insert into gantry.ready_jobs (queue_name, rank, seq, job_id, user_id, service_id)
select j.queue_name, j.rank, j.seq, j.id, j.user_id, j.service_id from public.automation_jobs j where j.is_ready;
insert into gantry.running_jobs (queue_name, user_id, job_id)
select j.queue_name, j.user_id, j.id from public.automation_jobs j where j.status = 'processing';
insert into gantry.expiring_jobs (expires_at, job_id)
select j.expires_at, j.id from public.automation_jobs j where j.expires_at is not null;

-- ---------------------------------------------------------------------------------------------------------
-- The state machine: every change of status is legal and leaves exactly one event, whoever makes it
-- ---------------------------------------------------------------------------------------------------------

create or replace function gantry.record_submitted() returns trigger
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

-- What changes with the status of a job. Claims and completions, which change many jobs and nothing of this but the
-- number of the event, number it themselves.
create function gantry.enter_status() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.event_seq := old.event_seq + 1;
  if old.status = 'failed' and new.status = 'pending' then
    -- Whoever retries a job by hand gives it all its attempts again. It still has to run alone.
    new.losses := 0;
    new.blocked_by := gantry.reopen_dependencies(new.id);
    new.is_ready := new.is_ready and new.blocked_by = 0;
  elsif old.blocked_by > 0 and new.status <> 'pending' then
    -- A job that ends while it waits, waits no more.
    update public.automation_job_dependencies d set is_open = false where d.job_id = new.id and d.is_open;
    new.blocked_by := 0;
  end if;
  return new;
end $$;

drop trigger check_transition on public.automation_jobs;
drop trigger close_dependencies on public.automation_jobs;
drop trigger reopen_dependencies on public.automation_jobs;
drop trigger forgive_losses on public.automation_jobs;
drop trigger settle_ended on public.automation_jobs;
drop function gantry.check_transition();
drop function gantry.close_dependencies();
drop function gantry.reopen_dependencies();
drop function gantry.forgive_losses();
drop function gantry.settle_ended();

-- A failed job that is retried waits again for those of its dependencies that run again, and cannot run before they
-- have what they are to give. Returns how many.
create function gantry.reopen_dependencies(p_job_id uuid) returns integer
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_depends_on uuid[] := array(
    select d.depends_on_job_id from public.automation_job_dependencies d where d.job_id = p_job_id);
  v_count integer;
begin
  -- So that none of them ends unseen. By an array, as in settle_dependencies.
  perform from public.automation_jobs j where j.id = any (v_depends_on) order by j.id for share;
  if exists (
    select from public.automation_job_dependencies d join public.automation_jobs j on j.id = d.depends_on_job_id
    where d.job_id = p_job_id and j.id = any (v_depends_on) and d.on_failure <> 'run' and j.status in ('failed', 'cancelled')
  ) then
    raise exception 'A job that this one depends on did not complete.' using errcode = 'GQ012';
  end if;
  update public.automation_job_dependencies d set is_open = true
  from public.automation_jobs j
  where d.job_id = p_job_id and j.id = d.depends_on_job_id and j.id = any (v_depends_on) and j.finished_at is null;
  get diagnostics v_count = row_count;
  return v_count;
end $$;
create trigger enter_status before update of status on public.automation_jobs
  for each row when (old.status is distinct from new.status and old.event_seq = new.event_seq)
  execute function gantry.enter_status();

create function gantry.refuse_transition(p_from text, p_to text) returns text
  language plpgsql set search_path = '' as $$
begin
  raise exception 'A job cannot go from % to %.', p_from, p_to using errcode = 'GQ009';
end $$;

-- For all the jobs that a statement changed: their events, their places in the line and among what runs, and what their
-- end means to those that depend on them.
create or replace function gantry.record_transitions() returns trigger
  -- The planner takes the two for tables of one row; a full join at least is never a loop in a loop. `= any (array[x])`
  -- says what `= x` says, but leaves it only one way: to look each row up by its key. It would else rather read the whole
  -- of a table that was empty when the plan was made, again for each row.
  --
  -- As the owner: who deletes an account in the schema `auth` changes jobs too, by foreign keys, and may nothing here.
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
      case when m.event_seq = m.old_event_seq + 1 and case m.old_status
        when 'pending' then m.status in ('processing', 'failed', 'cancelled')
        when 'processing' then true
        when 'failed' then m.status = 'pending' end
      then 'state' else gantry.refuse_transition(m.old_status, m.status) end,
      jsonb_build_object('from', m.old_status, 'to', m.status, 'reason', m.status_reason)
        || case when m.error_code is null then '{}'
          else jsonb_build_object('errorCode', m.error_code, 'errorMessage', m.error_message) end
    from moved m where m.status <> m.old_status
  ), left_line as (
    -- Of what it deletes by, Postgres keeps whole rows: so these are short.
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

create or replace function gantry.delete_with_jobs() returns trigger
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

create function gantry.truncate_with_jobs() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  truncate gantry.ready_jobs, gantry.running_jobs, gantry.expiring_jobs;
  return null;
end $$;
create trigger truncate_with_jobs after truncate on public.automation_jobs
  for each statement execute function gantry.truncate_with_jobs();

-- ---------------------------------------------------------------------------------------------------------
-- Claim and complete
-- ---------------------------------------------------------------------------------------------------------

-- Jobs whose time has come join the ready index, and who waits is told. Returns how many.
create or replace function gantry.promote_due_jobs(p_limit integer default 1000) returns integer
  -- Without sorts, the way to the first is the index by time.
  language plpgsql set search_path = '' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_now timestamptz := gantry.clock();
  v_first timestamptz;
  v_count integer;
begin
  -- Mostly none is due, and a claim need not pay for a statement that writes. Whether there is one could be answered
  -- from any index of waiting jobs, by reading all of them.
  select j.run_at into v_first from public.automation_jobs j
  where j.is_waiting and j.blocked_by = 0 order by j.run_at limit 1;
  if v_first is null or v_first > v_now then
    return 0;
  end if;
  -- One at a time: of jobs that two find, the second keeps the locks though it changes nothing, and would wait with
  -- them for the queue's lock while its holder waits for them.
  if not pg_try_advisory_xact_lock(1196315733, 0) then
    return 0;
  end if;
  with promoted as (
    update public.automation_jobs set is_ready = true
    where id in (
      select j.id from public.automation_jobs j
      where j.is_waiting and j.blocked_by = 0 and j.run_at <= v_now
      order by j.run_at limit p_limit for update skip locked)
    returning queue_name
  ), told as (
    select pg_notify('gantry_jobs', p.queue_name), p.jobs
    from (select queue_name, count(*) as jobs from promoted group by queue_name) p
  )
  select coalesce(sum(told.jobs), 0)::integer into v_count from told;
  return v_count;
end $$;

drop function gantry.choose_jobs(text, text[], integer, timestamptz);

-- Chooses who is next in a queue: the user with the fewest jobs running there, then by rank. So with one job at a
-- time the order is strictly by rank, and with more the many jobs of one user leave room for the one of another.
-- Looks at the first jobs in the queue and at a bounded number of users, others at each call.
create function gantry.choose_jobs(
  p_queue_name text, p_services text[], p_limit integer, p_until_rank timestamptz, p_passed_by uuid[]
) returns uuid[]
  -- Without these a plan made while the table was small would stay when it has grown: one that reads all and sorts.
  language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
  v_user_id uuid;
  v_user_ids uuid[];
  v_from uuid := gen_random_uuid();
  v_has_wrapped boolean := false;
begin
  select coalesce(array_agg(distinct f.user_id), '{}') into v_user_ids from (
    select j.user_id from gantry.ready_jobs j
    where j.queue_name = p_queue_name and j.service_id = any (p_services) and j.job_id <> all (p_passed_by)
    order by j.rank, j.seq limit p_limit) f;
  v_user_id := v_from;
  for i in 1..100 loop
    select j.user_id into v_user_id from gantry.ready_jobs j
    where j.queue_name = p_queue_name and j.user_id > v_user_id order by j.user_id limit 1;
    if not found then
      exit when v_has_wrapped;
      v_has_wrapped := true;
      v_user_id := '00000000-0000-0000-0000-000000000000';
      continue;
    end if;
    exit when v_has_wrapped and v_user_id >= v_from;
    v_user_ids := v_user_ids || v_user_id;
  end loop;

  return array(
    select c.job_id from (select distinct u.id from unnest(v_user_ids) u (id)) waiting
    left join (
      select j.user_id, count(*) as jobs from gantry.running_jobs j
      where j.queue_name = p_queue_name group by j.user_id
    ) running on running.user_id = waiting.id
    cross join lateral (
      select j.job_id, j.rank, j.seq, coalesce(running.jobs, 0) + row_number() over (order by j.rank, j.seq) as turn
      from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.user_id = waiting.id and j.service_id = any (p_services)
        and j.job_id <> all (p_passed_by) and j.rank <= p_until_rank
      order by j.rank, j.seq limit p_limit) c
    order by c.turn, c.rank, c.seq limit p_limit);
end $$;

-- Takes up to p_limit runnable jobs of the worker's services, from some queues or (null) from all: within a queue as
-- chosen above and never more than its limit lets run, across queues by rank.
create or replace function gantry.claim_jobs(p_worker_id uuid, p_limit integer, p_lease_ms integer, p_queues text[] default null)
  returns table (
    job_id uuid, attempt integer, attempts_used integer, max_attempts integer, user_id uuid, service_id text,
    queue_name text, timeout_ms integer, input jsonb, checkpoint jsonb, upload_id uuid, file_name text,
    file_storage_key text)
  language plpgsql set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_services text[];
  v_names text[];
  v_rooms integer[];
  v_first record;
  v_chosen uuid[];
  v_held uuid[];
  v_passed_by uuid[] := '{}';
  v_left integer := p_limit;
begin
  select w.services into v_services from public.automation_workers w
  where w.id = p_worker_id and w.status = 'active';
  if not found then
    raise exception 'This worker is not registered, or takes nothing new.' using errcode = 'GQ007';
  end if;
  perform gantry.promote_due_jobs();

  select array_agg(q.name order by hashtext(q.name)) into v_names
  from public.automation_queues q
  cross join lateral (
    select from gantry.ready_jobs j
    where j.queue_name = q.name and j.service_id = any (v_services) limit 1) waiting
  where not q.is_paused and (p_queues is null or q.name = any (p_queues));
  -- In one order, so that two claims cannot wait for each other.
  perform pg_advisory_xact_lock(gantry.queue_lock_class(), hashtext(q.name)) from unnest(v_names) q (name);
  v_now := gantry.clock();

  -- Read under the lock: what was claimed before it was ours counts.
  select array_agg(q.name), array_agg(least(p_limit, case when q.concurrency_limit is not null then
    q.concurrency_limit
      - (select count(*) from gantry.running_jobs j where j.queue_name = q.name)
      - (select count(*) from gantry.lingering_attempts l where l.queue_name = q.name and l.held_until > v_now) end))
  into v_names, v_rooms
  from public.automation_queues q where q.name = any (v_names) and not q.is_paused;

  while v_left > 0 loop
    -- The queue whose first job goes first, and how far it may go before that of another does.
    select o.queue_name, o.n, o.room, o.ids, coalesce(lead(o.rank) over (order by o.rank, o.seq), 'infinity') as until_rank
    into v_first
    from (
      select open.name as queue_name, open.n, open.room, min(f.rank) as rank, min(f.seq) as seq, array_agg(f.job_id) as ids
      from unnest(v_names, v_rooms) with ordinality open (name, room, n)
      cross join lateral (
        select j.job_id, j.rank, j.seq from gantry.ready_jobs j
        where j.queue_name = open.name and j.service_id = any (v_services) and j.job_id <> all (v_passed_by)
        order by j.rank, j.seq limit 2) f
      where open.room > 0 group by open.name, open.n, open.room) o
    order by o.rank, o.seq limit 1;
    exit when not found;

    -- With one job waiting there is nothing to choose.
    v_chosen := case when cardinality(v_first.ids) = 1 then v_first.ids else gantry.choose_jobs(
      v_first.queue_name, v_services, least(v_first.room, v_left), v_first.until_rank, v_passed_by) end;
    -- One that was cancelled since is ready no more, and one that somebody holds at this moment is left alone.
    v_held := array(
      select j.id from public.automation_jobs j where j.id = any (v_chosen) and j.is_ready for no key update skip locked);
    if cardinality(v_held) < cardinality(v_chosen) then
      v_passed_by := v_passed_by || array(select c.id from unnest(v_chosen) c (id) where c.id <> all (v_held));
    end if;
    return query
      with claimed as (
        update public.automation_jobs j set
          status = 'processing', status_reason = 'claimed', event_seq = j.event_seq + 1, is_ready = false,
          attempt = j.attempt + 1, attempts_used = j.attempts_used + 1, worker_id = p_worker_id,
          lease_expires_at = v_now + gantry.milliseconds(p_lease_ms),
          started_at = coalesce(j.started_at, v_now), attempt_started_at = v_now,
          error_code = null, error_message = null
        where j.id = any (v_held)
        returning j.id, j.attempt, j.attempts_used, j.max_attempts, j.user_id, j.service_id, j.queue_name, j.timeout_ms,
          j.upload_id, j.rank, j.seq
      )
      select j.id, j.attempt, j.attempts_used, j.max_attempts, j.user_id, j.service_id, j.queue_name, j.timeout_ms,
        p.input, p.checkpoint, j.upload_id, u.file_name, u.storage_key
      from claimed j
      left join public.automation_job_payloads p on p.job_id = any (array[j.id])
      left join public.automation_uploads u on u.id = any (array[j.upload_id])
      order by j.rank, j.seq;
    v_left := v_left - cardinality(v_held);
    -- Each that was passed by is looked at anew in every round, under the lock of the queue: what is behind many waits, as
    -- they do, for whoever holds them.
    v_rooms[v_first.n] := case when cardinality(v_passed_by) < 100 then v_first.room - cardinality(v_held) else 0 end;
    perform gantry.tell_events(v_held);
    -- Nothing was passed by, and there is no other queue.
    exit when cardinality(v_names) = 1 and cardinality(v_held) = cardinality(v_chosen);
  end loop;
end $$;

-- Completes attempts `[{jobId, attempt, summary, browser}]`, each for itself. Returns those that no longer held their
-- job, of which nothing was written.
create or replace function gantry.complete_jobs(p_attempts jsonb, p_result_ttl_ms bigint)
  returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  v_now timestamptz := gantry.clock();
  v_completed uuid[];
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
    returning j.id, j.attempt, j.service_id, j.queue_name, g.worker_id, j.run_at, j.attempt_started_at, g.summary, g.browser
  ), summed_up as (
    update public.automation_job_payloads p set summary = c.summary
    from completed c where p.job_id = any (array[c.id]) and c.summary is not null
  ), measured as (
    insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
      browser_launch_ms, browser_peak_memory_bytes, created_at)
    select c.id, c.attempt, c.service_id, c.worker_id, 'completed', gantry.elapsed_ms(c.run_at, c.attempt_started_at),
      gantry.elapsed_ms(c.attempt_started_at, v_now), (c.browser ->> 'launchMs')::integer,
      (c.browser ->> 'peakMemoryBytes')::bigint, v_now
    from completed c
  )
  select array_agg(c.id), array_agg(distinct c.queue_name) into v_completed, v_queues from completed c;
  perform gantry.tell_events(v_completed);
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
  if cardinality(v_completed) = jsonb_array_length(p_attempts) then
    return;
  end if;
  return query
    select g."jobId", g.attempt from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer)
    except select j.id, j.attempt from public.automation_jobs j where j.id = any (v_completed);
end $$;

-- One statement for a worker and all it runs. Returns the attempts that it no longer holds.
create or replace function gantry.heartbeat(
  p_worker_id uuid, p_job_ids uuid[], p_attempts integer[], p_lease_ms integer
) returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_now timestamptz := gantry.clock();
begin
  update public.automation_workers set heartbeat_at = v_now
  where id = p_worker_id and status in ('active', 'draining');
  if not found then
    raise exception 'This worker is not registered, or was given up as lost.' using errcode = 'GQ007';
  end if;
  return query
    with held as (
      select h.job_id, h.attempt from unnest(p_job_ids, p_attempts) as h (job_id, attempt)
    ), still as (
      -- In one order, so that two statements over many jobs cannot wait for each other.
      select j.id from public.automation_jobs j join held on j.id = any (array[held.job_id]) and j.attempt = held.attempt
      where j.status = 'processing' and j.worker_id = p_worker_id and j.lease_expires_at > v_now
      order by held.job_id for no key update of j
    ), renewed as (
      update public.automation_jobs j set lease_expires_at = v_now + gantry.milliseconds(p_lease_ms)
      from still where j.id = any (array[still.id])
      returning j.id
    )
    select held.job_id, held.attempt from held where held.job_id not in (select id from renewed);
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Rescue
-- ---------------------------------------------------------------------------------------------------------

drop function gantry.rescue_jobs(integer, integer, bigint, integer);

-- Finds workers whose session is gone for longer than the grace and that have not been heard of since, or that
-- have said nothing for very long, and gives their jobs and every job without a valid lease to others: pending
-- again, or failed after the last attempt. Safe to run anywhere, any number of times at once.
create function gantry.rescue_jobs(p_session_grace_ms integer, p_stuck_after_ms integer, p_result_ttl_ms bigint)
  returns table (job_id uuid, outcome text)
  language plpgsql set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  c_most_losses constant integer := 3;
  v_now timestamptz := gantry.clock();
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

  -- A heartbeat after the session was missed proves that the worker lives and only its listener is gone.
  update public.automation_workers set status = 'lost', stopped_at = v_now
  where id = any (array(
    select w.id from public.automation_workers w
    where w.status in ('active', 'draining')
      and ((w.session_lost_at < v_now - gantry.milliseconds(p_session_grace_ms) and w.heartbeat_at < w.session_lost_at)
        or w.heartbeat_at < v_now - gantry.milliseconds(p_stuck_after_ms))
    for update skip locked));

  return query
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
      -- A worker that stopped in good order could not give it back any more; or who was it, of several?
      cross join lateral (select w.status = 'stopped' or running.jobs > 1 as is_forgiven) f
      where j.status = 'processing' and (j.lease_expires_at <= v_now or w.status in ('lost', 'stopped'))
      -- All of a worker at once: one that was left for the next time would be blamed as if it had been alone.
      for no key update of j skip locked
    ), judged as materialized (
      select l.*, l.used < l.max_attempts and l.losses < c_most_losses as is_rescued from lost l
    ), ended as (
      update public.automation_jobs j set
        status = case when d.is_rescued then 'pending' else 'failed' end,
        status_reason = 'worker lost', is_ready = d.is_rescued, worker_id = null, lease_expires_at = null,
        attempts_used = d.used, losses = d.losses, runs_alone = j.runs_alone or d.is_suspect,
        run_at = v_now, error_code = 'WORKER_LOST',
        error_message = case
          when d.losses = c_most_losses then format('The worker died or stopped answering %s times while it ran this job '
            'and no other, so it is not tried again. Try it with less input, or tell whoever maintains this service.', d.losses)
          when not d.is_rescued then 'The worker that ran this job died or stopped answering, and no attempt is left. '
            'Retry the job to give it new ones.'
          else 'The worker that ran this job died or stopped answering.' end,
        finished_at = case when not d.is_rescued then v_now end,
        expires_at = case when not d.is_rescued then v_now + gantry.milliseconds(p_result_ttl_ms) end
      from judged d where j.id = any (array[d.id])
    ), measured as (
      insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
        created_at)
      select d.id, d.attempt, d.service_id, d.worker_id, 'lost', gantry.elapsed_ms(d.run_at, d.attempt_started_at),
        gantry.elapsed_ms(d.attempt_started_at, v_now), v_now
      from judged d
    ), told as (
      select pg_notify('gantry_events', d.id::text), pg_notify('gantry_jobs', d.queue_name), d.id, d.is_rescued from judged d
    )
    select t.id, case when t.is_rescued then 'rescued' else 'failed' end from told t;

  -- Of cancelled attempts whose worker has not said that the browser is gone.
  perform pg_notify('gantry_jobs', freed.queue_name) from gantry.free_lingering(v_now) freed;

  -- Last, since it holds what waits, and an end above may have to wait for what waits.
  perform gantry.promote_due_jobs();
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Dependencies
-- ---------------------------------------------------------------------------------------------------------

-- Closes the dependencies on those of these jobs that have finished. Who waits for nothing more is ready, or will be
-- when its time comes; whom a failure or a cancellation keeps from running ends, and who waits for that one likewise. Each statement
-- names the jobs by an array: a join alone would read all jobs with a plan made when there were hardly any.
create or replace function gantry.settle_dependencies(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_now timestamptz := gantry.clock();
  v_locked uuid[] := '{}';
  v_waiting uuid[];
  v_result_ttl interval;
  v_fallen uuid[];
  v_causes uuid[];
  v_ends text[];
  v_freed uuid[];
  v_counts integer[];
  v_queues text[];
begin
  -- All at once and in one order, so that no two ends wait for each other. While we waited a job may have been
  -- submitted that depends on one of them: then again. It can be locked last, since ids grow with time.
  loop
    v_waiting := gantry.find_waiting(p_job_ids);
    exit when v_waiting <@ v_locked;
    perform from public.automation_jobs j where j.id = any (v_waiting) order by j.id for no key update;
    v_locked := v_waiting;
  end loop;
  if v_locked = '{}' then
    return;
  end if;

  select max(j.expires_at - j.finished_at) into v_result_ttl
  from public.automation_jobs j where j.id = any (p_job_ids);
  -- Of several reasons to end, to fail goes before to be cancelled.
  with recursive falling (id, cause_id, on_failure) as (
    select d.job_id, d.depends_on_job_id, d.on_failure
    from public.automation_job_dependencies d join public.automation_jobs j on j.id = d.depends_on_job_id
    where d.depends_on_job_id = any (p_job_ids) and j.id = any (p_job_ids) and d.is_open and d.on_failure <> 'run'
      and j.status in ('failed', 'cancelled')
    union
    select d.job_id, d.depends_on_job_id, d.on_failure
    from falling f join public.automation_job_dependencies d on d.depends_on_job_id = f.id
    where d.is_open and d.on_failure <> 'run'
  ), fallen as (
    select distinct on (f.id) f.id, f.cause_id, case f.on_failure when 'fail' then 'failed' else 'cancelled' end as status
    from falling f order by f.id, f.on_failure desc, f.cause_id
  )
  select coalesce(array_agg(f.id), '{}'), coalesce(array_agg(f.cause_id), '{}'), coalesce(array_agg(f.status), '{}')
  into v_fallen, v_causes, v_ends from fallen f;

  -- Before the jobs: the trigger that calls this finds nothing left to do when they change.
  with closed as (
    update public.automation_job_dependencies d set is_open = false
    from public.automation_jobs j
    where j.id = d.depends_on_job_id and j.id = any (p_job_ids || v_fallen) and d.is_open
      and (d.depends_on_job_id = any (v_fallen) or d.depends_on_job_id = any (p_job_ids) and j.finished_at is not null)
    returning d.job_id
  ), counted as (
    select c.job_id, count(*)::integer as n from closed c where c.job_id <> all (v_fallen) group by c.job_id
  )
  select array_agg(c.job_id), array_agg(c.n) into v_freed, v_counts from counted c;

  with freed as (
    update public.automation_jobs j set
      blocked_by = j.blocked_by - f.n,
      is_ready = (j.blocked_by = f.n and j.run_at <= v_now),
      -- The wait for others is not a wait in the queue. Its age stays: it has stood in line all the while.
      run_at = case when j.blocked_by = f.n then greatest(j.run_at, v_now) else j.run_at end
    from unnest(v_freed, v_counts) f (id, n) where j.id = f.id and j.id = any (v_freed)
    returning j.queue_name, j.is_ready
  )
  select array_agg(distinct f.queue_name) into v_queues from freed f where f.is_ready;

  update public.automation_jobs j set
    status = f.status, status_reason = 'dependency failed', error_code = 'DEPENDENCY_FAILED',
    error_message = format('Job %s, which this one depends on, did not complete.', f.cause_id),
    finished_at = v_now, expires_at = v_now + v_result_ttl
  from unnest(v_fallen, v_causes, v_ends) f (id, cause_id, status)
  where j.id = f.id and j.id = any (v_fallen);

  perform gantry.tell_events(v_fallen || v_freed);
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Submit
-- ---------------------------------------------------------------------------------------------------------

-- Submits jobs as gantry.submit_jobs does, with more to each: `dependsOn` [{jobId, onFailure}], `tags`, `rerunOf`. One
-- that depends on a job which is not there, or is not its user's, is refused, and so is one too many for its user.
create or replace function gantry.submit_linked_jobs(p_jobs jsonb, p_max_unfinished integer default null)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = ''
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_of_user record;
  v_allowed integer;
  v_refused integer[] := '{}';
  v_missing integer[] := '{}';
  v_dependents integer[];
  v_depended_on uuid[];
  v_policies text[];
  v_jobs jsonb := p_jobs;
  v_accepted integer[];
  v_numbers integer[];
  v_ids uuid[];
  v_are_new boolean[];
  v_refusals text[];
begin
  -- Before anything else is locked: to count, all other submissions of the user are waited for.
  if p_max_unfinished is not null then
    for v_of_user in
      select u.user_id, array_agg(u.n::integer order by u.n) as numbers
      from rows from (jsonb_to_recordset(p_jobs) as ("userId" uuid)) with ordinality u (user_id, n)
      group by u.user_id order by u.user_id
    loop
      v_allowed := gantry.allow_jobs(v_of_user.user_id, cardinality(v_of_user.numbers), p_max_unfinished);
      if v_allowed < cardinality(v_of_user.numbers) then
        -- A repeated submission makes no job, so there is always room for it.
        v_refused := v_refused || (array(
          select r.n from unnest(v_of_user.numbers) r (n)
          where not exists (
            select from public.automation_jobs j
            where j.user_id = v_of_user.user_id and j.idempotency_key = p_jobs -> (r.n - 1) ->> 'idempotencyKey')
          order by r.n))[v_allowed + 1:];
      end if;
    end loop;
    return query select r.n, null::uuid, false, 'GQ013' from unnest(v_refused) r (n);
  end if;

  select array_agg(g.n::integer), array_agg(d.job_id), array_agg(coalesce(d.on_failure, 'fail'))
  into v_dependents, v_depended_on, v_policies
  from jsonb_array_elements(p_jobs) with ordinality g (job, n)
  cross join rows from (jsonb_to_recordset(g.job -> 'dependsOn') as ("jobId" uuid, "onFailure" text)) d (job_id, on_failure)
  where g.n <> all (v_refused);
  if v_depended_on is not null then
    -- None of them ends unseen from here on. In the order in which ends lock: what runs, then all others, each by id.
    perform from public.automation_jobs j
    where j.id = any (v_depended_on)
      and j.user_id in (select u."userId" from jsonb_to_recordset(p_jobs) u ("userId" uuid))
    order by j.status <> 'processing', j.id for no key update;
    v_missing := array(
      select distinct d.n from unnest(v_dependents, v_depended_on) d (n, job_id)
      where not exists (
        select from (select j.user_id, j.expires_at from public.automation_jobs j where j.id = d.job_id offset 0) j
        where j.user_id = (p_jobs -> (d.n - 1) ->> 'userId')::uuid and (j.expires_at > v_now or j.expires_at is null)));
    return query select m.n, null::uuid, false, 'GQ010' from unnest(v_missing) m (n);
    v_refused := v_refused || v_missing;
  end if;

  if v_refused <> '{}' then
    select jsonb_agg(g.job order by g.n), array_agg(g.n order by g.n) into v_jobs, v_accepted
    from jsonb_array_elements(p_jobs) with ordinality g (job, n) where g.n <> all (v_refused);
  end if;
  select array_agg(coalesce(v_accepted[s.n], s.n)), array_agg(s.job_id), array_agg(s.is_new), array_agg(s.refusal)
  into v_numbers, v_ids, v_are_new, v_refusals
  from gantry.submit_jobs(coalesce(v_jobs, '[]')) s;
  return query select * from unnest(v_numbers, v_ids, v_are_new, v_refusals);

  insert into public.automation_job_dependencies (job_id, depends_on_job_id, on_failure)
  select i.job_id, d.job_id, d.on_failure
  from unnest(v_dependents, v_depended_on, v_policies) d (n, job_id, on_failure)
  join unnest(v_numbers, v_ids, v_are_new) i (n, job_id, is_new) on i.n = d.n and i.is_new
  on conflict do nothing;
  update public.automation_jobs j set
    blocked_by = w.jobs, is_ready = j.is_ready and w.jobs = 0, tags = w.tags,
    -- By the primary key alone: on a young table the planner would rather read all the jobs of the user.
    rerun_of = (select case when r.user_id = j.user_id then r.id end from public.automation_jobs r where r.id = w.rerun_of)
  from (
    select i.job_id, (g.job ->> 'rerunOf')::uuid as rerun_of,
      (select array_agg(t.tag) from jsonb_array_elements_text(g.job -> 'tags') t (tag)) as tags,
      (select count(*) from public.automation_job_dependencies d where d.job_id = i.job_id) as jobs
    from unnest(v_numbers, v_ids, v_are_new) i (n, job_id, is_new)
    join jsonb_array_elements(p_jobs) with ordinality g (job, n) on g.n = i.n
    where i.is_new and g.job ?| '{dependsOn,tags,rerunOf}'
  ) w
  where j.id = w.job_id;

  if v_depended_on is not null then
    update public.automation_jobs j set has_dependents = true
    where j.id = any (v_depended_on) and not j.has_dependents
      and exists (select from public.automation_job_dependencies d where d.depends_on_job_id = j.id);
    perform gantry.settle_dependencies(array(
      select j.id from public.automation_jobs j where j.id = any (v_depended_on) and j.finished_at is not null));
  end if;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Retry
-- ---------------------------------------------------------------------------------------------------------

-- Locks failed jobs and what they depend on, in the order in which ends lock: what runs, then all others, each by id.
create function gantry.hold_for_retry(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  perform from public.automation_jobs j
  where j.id = any (p_job_ids || array(
    select d.depends_on_job_id from public.automation_job_dependencies d where d.job_id = any (p_job_ids)))
  order by j.status <> 'processing', j.id for no key update;
end $$;

-- Puts a failed job back in the queue with all its attempts; rows that have an answer keep it.
create or replace function gantry.retry_job(p_job_id uuid, p_reason text) returns void
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  perform gantry.hold_for_retry(array[p_job_id]);
  select * into v_job from public.automation_jobs j where j.id = p_job_id;
  -- The files of an expired job may be gone before the job is.
  if not found or v_job.expires_at <= v_now then
    raise exception 'There is no such job.' using errcode = 'GQ002';
  elsif v_job.status <> 'failed' then
    raise exception 'Only a failed job can be retried; this one is %.', v_job.status using errcode = 'GQ009';
  end if;
  update public.automation_jobs j set
    status = 'pending', status_reason = p_reason, is_ready = true, attempts_used = 0, run_at = v_now,
    rank = v_now - gantry.milliseconds(j.priority * q.priority_head_start_ms),
    error_code = null, error_message = null, finished_at = null, expires_at = null
  from public.automation_queues q where j.id = p_job_id and q.name = j.queue_name;
  perform pg_notify('gantry_events', p_job_id::text);
  perform pg_notify('gantry_jobs', v_job.queue_name);
end $$;

-- Retries those that failed, in the order given, and can be retried. Returns how many.
create or replace function gantry.retry_jobs(p_job_ids uuid[], p_reason text) returns integer
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
      -- Gone, retried by somebody else, or it waits for one that is not retried.
    end;
  end loop;
  return v_count;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Expire
-- ---------------------------------------------------------------------------------------------------------

-- Finished jobs whose results have had their time, with every file they own. The caller deletes the files first and the
-- rows after, so that a crash between leaves work to repeat and nothing forgotten.
create or replace function gantry.find_expired_jobs(p_limit integer) returns table (job_id uuid, storage_keys text[])
  language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_now timestamptz := gantry.clock();
begin
  return query
    select j.id, array(select a.storage_key from public.automation_job_artifacts a where a.job_id = j.id)
    from gantry.expiring_jobs e join public.automation_jobs j on j.id = any (array[e.job_id])
    where e.expires_at <= v_now and not (j.has_dependents and gantry.is_needed(j.id, v_now))
    order by e.expires_at limit p_limit;
end $$;

-- Whatever their plans were made of, these find each job by its primary key.
alter function gantry.hold_job(uuid, integer) set enable_seqscan = off;
alter function gantry.append_events(uuid, integer, jsonb) set enable_seqscan = off;
alter function gantry.add_artifact(uuid, integer, uuid, text, text, bigint, text, text, integer) set enable_seqscan = off;
alter function gantry.save_checkpoint(uuid, integer, jsonb) set enable_seqscan = off;
alter function gantry.fail_job(uuid, integer, text, text, boolean, integer, integer, bigint, jsonb) set enable_seqscan = off;
alter function gantry.release_job(uuid, integer, jsonb) set enable_seqscan = off;
alter function gantry.cancel_job(uuid, text, bigint) set enable_seqscan = off;
alter function gantry.delete_expired_jobs(uuid[]) set enable_seqscan = off;

-- ---------------------------------------------------------------------------------------------------------
-- Position, figures and counts
-- ---------------------------------------------------------------------------------------------------------

-- How many jobs stand before one in its queue in strict order, counted up to p_most along the index that claims walk,
-- and by service (`{service: jobs}`): of which services they are, the first two hundred tell for all.
create or replace function gantry.jobs_ahead(
  p_queue_name text, p_rank timestamptz, p_seq bigint, p_most integer, out jobs integer, out by_service jsonb
)
  -- As in choose_jobs: a plan made while the table was small would stay.
  language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  -- In two steps, since comparing pairs takes a quarter longer.
  select count(*) into jobs from (
    select from gantry.ready_jobs j
    where j.queue_name = p_queue_name and j.rank < p_rank
    order by j.rank, j.seq limit p_most) a;
  if jobs < p_most then
    select jobs + count(*) into jobs from (
      select from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.rank = p_rank and j.seq < p_seq
      order by j.rank, j.seq limit p_most - jobs) a;
  end if;
  select coalesce(jsonb_object_agg(s.service_id, (s.share * jobs)::integer), '{}') into by_service from (
    select f.service_id, count(*) / sum(count(*)) over () as share from (
      select j.service_id from gantry.ready_jobs j
      where j.queue_name = p_queue_name and (j.rank, j.seq) < (p_rank, p_seq)
      order by j.rank, j.seq limit least(jobs, 200)) f
    group by f.service_id) s;
end $$;

-- The same where users take turns: the jobs that would be claimed before this one if every slot came free now (see
-- choose_jobs). Null when that would be many to look at: more than p_most users, or turns of one user.
create or replace function gantry.jobs_ahead_by_turns(
  p_job public.automation_jobs, p_most integer, out jobs integer, out by_service jsonb
) language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_turn integer;
  v_user_id uuid;
  v_user_ids uuid[] := '{}';
begin
  select count(*) + 1 into v_turn from (
    select from gantry.ready_jobs j
    where j.queue_name = p_job.queue_name and j.user_id = p_job.user_id
      and (j.rank, j.seq) < (p_job.rank, p_job.seq)
    limit p_most) own;
  v_turn := v_turn + (select count(*) from gantry.running_jobs j
    where j.queue_name = p_job.queue_name and j.user_id = p_job.user_id);
  if v_turn > p_most then
    return;
  end if;
  select j.user_id into v_user_id from gantry.ready_jobs j
  where j.queue_name = p_job.queue_name order by j.user_id limit 1;
  while v_user_id is not null loop
    if cardinality(v_user_ids) = p_most then
      return;
    end if;
    v_user_ids := v_user_ids || v_user_id;
    select (select j.user_id from gantry.ready_jobs j
      where j.queue_name = p_job.queue_name and j.user_id > v_user_id
      order by j.user_id limit 1) into v_user_id;
  end loop;

  select coalesce(sum(a.jobs), 0), coalesce(jsonb_object_agg(a.service_id, a.jobs), '{}') into jobs, by_service from (
    select c.service_id, count(*) as jobs from unnest(v_user_ids) u (id)
    left join (
      select j.user_id, count(*) as jobs from gantry.running_jobs j
      where j.queue_name = p_job.queue_name group by j.user_id
    ) running on running.user_id = u.id
    cross join lateral (
      select j.service_id, j.rank, j.seq, coalesce(running.jobs, 0) + row_number() over (order by j.rank, j.seq) as turn
      from gantry.ready_jobs j
      where j.queue_name = p_job.queue_name and j.user_id = u.id
      order by j.rank, j.seq limit greatest(0, v_turn - coalesce(running.jobs, 0))) c
    where c.turn < v_turn or (c.rank, c.seq) < (p_job.rank, p_job.seq)
    group by c.service_id) a;
end $$;

-- Place of a job in its queue, the reason why it waits, and, when something can be said of the wait, what the estimate
-- is made of. Reads so many rows at most, however many jobs there are.
--
-- {position, reason, wait: null | {dueInMs, isBound, limit, slots, running: [{serviceId, isOwnQueue, elapsedMs, done}],
--   lingeringMs: [], ahead: {service: jobs}, elsewhere: [{limit, ahead}], services: {id: {timeoutMs, runMs: []}}}}
create or replace function gantry.describe_wait(p_job_id uuid) returns jsonb
  language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  c_most_ahead constant integer := 5000;
  c_most_turns constant integer := 50;
  c_most_elsewhere constant integer := 2000;
  c_most_runs constant integer := 2000;
  c_most_running constant integer := 1000;
  v_now timestamptz := gantry.clock();
  v_job public.automation_jobs;
  v_queue public.automation_queues;
  v_workers uuid[];
  v_services text[];
  v_serves_all boolean;
  v_slots integer;
  v_ahead integer;
  v_by_service jsonb;
  v_is_bound boolean;
  v_position integer;
  v_reason text;
  v_running jsonb;
  v_elsewhere jsonb;
  v_involved text[];
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id;
  if not found or v_job.status <> 'pending' then
    return jsonb_build_object('position', case when v_job.status = 'processing' then 0 end);
  end if;
  select * into v_queue from public.automation_queues q where q.name = v_job.queue_name;

  -- Those that could run it.
  select array_agg(w.id), sum(w.concurrency), bool_or(w.queues is null) into v_workers, v_slots, v_serves_all
  from public.automation_workers w
  where w.status = 'active' and v_job.service_id = any (w.services)
    and (w.queues is null or v_job.queue_name = any (w.queues));

  if v_job.blocked_by > 0 then
    v_reason := 'waits for ' || v_job.blocked_by || case v_job.blocked_by when 1 then ' job' else ' jobs' end;
    return jsonb_build_object('position', null, 'reason', v_reason);
  end if;

  if least(v_slots, v_queue.concurrency_limit) > 1 then
    select a.jobs, a.by_service into v_ahead, v_by_service from gantry.jobs_ahead_by_turns(v_job, c_most_turns) a;
  end if;
  if v_ahead is null then
    select a.jobs, a.by_service into v_ahead, v_by_service
    from gantry.jobs_ahead(v_job.queue_name, v_job.rank, v_job.seq, c_most_ahead + 1) a;
  end if;
  v_is_bound := v_ahead > c_most_ahead;

  if v_job.run_at > v_now then
    v_reason := case when v_job.attempt > 0 then 'waiting to retry'
      else 'scheduled for ' || to_char(v_job.run_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end;
  else
    v_position := least(v_ahead, c_most_ahead) + 1;
    v_reason := case
      when v_queue.is_paused or v_queue.concurrency_limit = 0 then 'queue paused'
      when v_slots is null then 'no worker for this service'
      when v_is_bound then 'over 5,000 ahead'
      when v_ahead > 0 then v_ahead || ' ahead'
      else 'next' end;
  end if;
  if v_queue.is_paused or v_queue.concurrency_limit = 0 or v_slots is null then
    return jsonb_build_object('position', v_position, 'reason', v_reason);
  end if;

  v_services := array(select distinct s.id from public.automation_workers w cross join unnest(w.services) s (id)
    where w.id = any (v_workers));
  v_running := (
    select jsonb_agg(jsonb_build_object(
      'serviceId', r.service_id, 'isOwnQueue', r.queue_name = v_job.queue_name,
      'elapsedMs', gantry.elapsed_ms(r.attempt_started_at, v_now),
      -- A later attempt has not done itself what is done.
      'done', case when r.attempt = 1 and r.progress_total > 0 then least(1, r.progress_done::float8 / r.progress_total) end))
    from (
      select j.service_id, j.queue_name, j.attempt, j.attempt_started_at, j.progress_done, j.progress_total
      from gantry.running_jobs r join public.automation_jobs j on j.id = r.job_id
      where r.queue_name = v_job.queue_name or j.worker_id = any (v_workers)
      limit c_most_running) r);
  v_elsewhere := (
    select jsonb_agg(jsonb_build_object('limit', o.concurrency_limit, 'ahead', o.ahead)) from (
      select q.concurrency_limit, a.by_service as ahead
      from (
        select c.name, c.concurrency_limit, count(*) over () as queues from public.automation_queues c
        where c.name <> v_job.queue_name and not c.is_paused and c.concurrency_limit is distinct from 0
          and (v_serves_all or exists (
            select from public.automation_workers w where w.id = any (v_workers) and c.name = any (w.queues)))
          and exists (select from gantry.ready_jobs j
            where j.queue_name = c.name and (j.rank, j.seq) < (v_job.rank, v_job.seq))) q
      cross join lateral gantry.jobs_ahead(q.name, v_job.rank, v_job.seq, (c_most_elsewhere / q.queues)::integer) a) o);
  v_involved := array(
    select jsonb_object_keys(v_by_service) intersect select unnest(v_services)
    union select r.value ->> 'serviceId' from jsonb_array_elements(v_running) r
    union (select k.id from jsonb_array_elements(v_elsewhere) e cross join jsonb_object_keys(e.value -> 'ahead') k (id)
      intersect select unnest(v_services)));

  return jsonb_build_object('position', v_position, 'reason', v_reason, 'wait', jsonb_build_object(
    'dueInMs', gantry.elapsed_ms(v_now, v_job.run_at),
    'isBound', v_is_bound,
    'limit', v_queue.concurrency_limit,
    'slots', v_slots,
    'running', coalesce(v_running, '[]'),
    'lingeringMs', (select coalesce(jsonb_agg(gantry.elapsed_ms(v_now, l.held_until)), '[]')
      from gantry.lingering_attempts l where l.queue_name = v_job.queue_name and l.held_until > v_now),
    'ahead', v_by_service,
    'elsewhere', coalesce(v_elsewhere, '[]'),
    'services', (
      select coalesce(jsonb_object_agg(s.id, jsonb_build_object('timeoutMs', s.timeout_ms, 'runMs', h.run_ms)), '{}')
      from public.automation_services s cross join lateral (
        select to_jsonb(array(select m.run_ms from (
          select a.run_ms, a.outcome from public.job_execution_metrics a where a.service_id = s.id
          order by a.created_at desc limit least(200, c_most_runs / greatest(1, cardinality(v_involved)))) m
        where m.outcome not in ('released', 'lost'))) as run_ms) h
      where s.id = any (v_involved))));
end $$;

-- Counts every job, along indexes where there is one.
create or replace function gantry.count_jobs() returns jsonb
  -- Claims need the processors more.
  language sql stable set search_path = '' set jit = off set max_parallel_workers_per_gather = 0 as $$
  with pending as (
    select c.queue_name, sum(c.jobs) as jobs from (
      select j.queue_name, count(*) as jobs from gantry.ready_jobs j group by j.queue_name
      union all
      select j.queue_name, count(*) from public.automation_jobs j where j.is_waiting
      group by j.queue_name) c
    group by c.queue_name
  ), processing as (
    select j.queue_name, count(*) as jobs from gantry.running_jobs j group by j.queue_name
  ), unhappy as (
    select count(*) filter (where j.status = 'failed') as failed, count(*) filter (where j.status = 'cancelled') as cancelled
    from public.automation_jobs j where j.is_unhappy
  ), queues as (
    select q.name, coalesce(p.jobs, 0) as pending, coalesce(r.jobs, 0) as processing, (
      -- Lower ranks are older, but for the head start of a priority: the oldest is among the first.
      select min(j.run_at) from (
        select r.job_id from gantry.ready_jobs r where r.queue_name = q.name
        order by r.rank, r.seq limit 100) f join public.automation_jobs j on j.id = f.job_id) as oldest
    from public.automation_queues q
    left join pending p on p.queue_name = q.name left join processing r on r.queue_name = q.name
  )
  select jsonb_build_object(
    'pending', (select coalesce(sum(q.pending), 0) from queues q),
    'processing', (select coalesce(sum(q.processing), 0) from queues q),
    'completed', (select count(*) from public.automation_jobs) - u.failed - u.cancelled
      - (select coalesce(sum(q.pending + q.processing), 0) from queues q),
    'failed', u.failed,
    'cancelled', u.cancelled,
    'queues', (select jsonb_object_agg(q.name, jsonb_build_object(
      'pending', q.pending, 'processing', q.processing, 'oldest', q.oldest)) from queues q))
  from unhappy u
$$;

create or replace function gantry.count_unfinished_jobs(p_user_id uuid) returns integer
  language sql stable set search_path = '' as $$
  select (
      select count(*) from public.automation_jobs j where j.user_id = p_user_id and j.is_waiting
    )::integer + coalesce((
      select sum(ready.jobs + running.jobs)
      from public.automation_queues q
      cross join lateral (select count(*) as jobs from gantry.ready_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id) ready
      cross join lateral (select count(*) as jobs from gantry.running_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id) running), 0)::integer
$$;

-- Deletes a queue that no service is in and where no job waits or runs.
create or replace function gantry.delete_queue(p_name text) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.automation_queues q where q.name = p_name and q.deleted_at is null for update;
  if not found then
    raise exception 'There is no queue "%".', p_name using errcode = 'GQ030';
  end if;
  if exists (select from public.automation_services s where s.queue_name = p_name)
    or exists (select from gantry.ready_jobs j where j.queue_name = p_name)
    or exists (select from gantry.running_jobs j where j.queue_name = p_name)
    or exists (select from public.automation_jobs j where j.queue_name = p_name and j.is_waiting)
  then
    raise exception 'The queue "%" is in use.', p_name using errcode = 'GQ031';
  end if;
  update public.automation_queues set deleted_at = gantry.clock(), is_paused = false where name = p_name;
end $$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
