-- The queue moves jobs in sets: one statement submits, claims or completes many of them.
--
-- Claims from one queue go one after the other, under an advisory lock of the queue. So its limit is a count, its
-- order is exact, and who has the fewest jobs running comes first. What ended without its browser being gone still
-- counts (gantry.lingering_attempts).

-- ---------------------------------------------------------------------------------------------------------
-- Order: age, with a head start for priority
-- ---------------------------------------------------------------------------------------------------------

alter table public.automation_queues
  -- One step of priority is worth so much age. A job that has waited longer than that goes before a fresh one of the
  -- next priority, so none waits for ever.
  add column priority_head_start_ms integer not null default 900000
    check (priority_head_start_ms between 0 and 86400000);

alter table public.automation_jobs
  -- From when its age counts: when it could first run, less the head start of its priority. Lower goes first.
  add column rank timestamptz not null default clock_timestamp();
update public.automation_jobs set rank = run_at - priority * interval '15 minutes';

-- ---------------------------------------------------------------------------------------------------------
-- Less to write for each job
-- ---------------------------------------------------------------------------------------------------------

-- Each of these costs a claim or a completion one more index entry, and none is searched often enough.
drop index public.automation_jobs_ready_idx;
drop index public.automation_jobs_processing_idx;
drop index public.automation_jobs_worker_id_idx;
drop index public.automation_jobs_status_idx;
drop index public.automation_jobs_service_id_idx;
drop index public.job_execution_metrics_worker_idx;

create index automation_jobs_ready_idx on public.automation_jobs (queue_name, rank, seq)
  include (service_id) where is_ready;
-- The next job of each user, to let them take turns.
create index automation_jobs_turn_idx on public.automation_jobs (queue_name, user_id, rank, seq)
  include (service_id) where is_ready;
create index automation_jobs_processing_idx on public.automation_jobs (queue_name, user_id) where status = 'processing';
-- Without an entry for each of the many jobs that have no key.
alter table public.automation_jobs drop constraint automation_jobs_idempotency_key;
create unique index automation_jobs_idempotency_key on public.automation_jobs (user_id, idempotency_key)
  where idempotency_key is not null;
-- The rare ends, which lists are filtered by; all others are found soon on the way back from the newest job.
create index automation_jobs_unhappy_idx on public.automation_jobs (seq) where status in ('failed', 'cancelled');

-- A foreign key costs each row a look-up of its own, five for every job submitted and as many for every attempt.
-- What is inserted here is inserted under the lock of its job, by the functions below, and goes with it.
alter table public.automation_job_events drop constraint automation_job_events_job_id_fkey;
alter table public.automation_job_payloads drop constraint automation_job_payloads_job_id_fkey;
alter table public.job_execution_metrics
  drop constraint job_execution_metrics_job_id_fkey,
  drop constraint job_execution_metrics_service_id_fkey,
  drop constraint job_execution_metrics_worker_id_fkey;
-- Services are never deleted, workers not while they have jobs, queues only by a function that looks.
alter table public.automation_jobs
  drop constraint automation_jobs_service_id_fkey,
  drop constraint automation_jobs_queue_name_fkey,
  drop constraint automation_jobs_worker_id_fkey;
revoke delete on public.automation_services, public.automation_queues from service_role;

-- As the owner: nobody else may delete what was said of a job.
create function gantry.delete_with_jobs() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  delete from public.automation_job_events where job_id in (select d.id from deleted d);
  delete from public.automation_job_payloads where job_id in (select d.id from deleted d);
  delete from public.job_execution_metrics where job_id in (select d.id from deleted d);
  return null;
end $$;
create trigger delete_with_jobs after delete on public.automation_jobs
  referencing old table as deleted for each statement execute function gantry.delete_with_jobs();

-- Bodies that are parsed once, here, need no search_path; so the planner can put them in the place of a call.
create or replace function gantry.clock() returns timestamptz
  language sql volatile return clock_timestamp();
create or replace function gantry.milliseconds(p_ms double precision) returns interval
  language sql immutable return make_interval(secs => p_ms / 1000.0);
create or replace function gantry.elapsed_ms(p_from timestamptz, p_to timestamptz) returns integer
  language sql immutable
  return least(2147483647, greatest(0, extract(epoch from p_to - p_from) * 1000))::integer;

-- Ids that grow with time (RFC 9562, version 7) keep the newest entries of every index together. A random id of
-- version 4, with the time in its first 48 bits and its version raised by 3.
create function gantry.new_id() returns uuid
  language sql volatile
  return encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1),
    52, 1), 53, 1), 'hex')::uuid;
alter table public.automation_jobs alter column id set default gantry.new_id();

-- ---------------------------------------------------------------------------------------------------------
-- Events: one statement for all the jobs that a statement changed
-- ---------------------------------------------------------------------------------------------------------

drop trigger record_submitted on public.automation_jobs;
create or replace function gantry.record_submitted() returns trigger
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  select s.id, 1, 0, 'state', jsonb_build_object('to', s.status, 'reason', s.status_reason) from submitted s;
  return null;
end $$;
create trigger record_submitted after insert on public.automation_jobs
  referencing new table as submitted for each statement execute function gantry.record_submitted();

drop trigger record_transition on public.automation_jobs;
drop function gantry.record_transition();
create function gantry.check_transition() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if (old.status, new.status) not in (
    ('pending', 'processing'), ('pending', 'cancelled'), ('pending', 'failed'),
    ('processing', 'completed'), ('processing', 'failed'), ('processing', 'cancelled'), ('processing', 'pending'),
    ('failed', 'pending')
  ) then
    raise exception 'A job cannot go from % to %.', old.status, new.status using errcode = 'GQ009';
  end if;
  new.event_seq := old.event_seq + 1;
  return new;
end $$;
create trigger check_transition before update of status on public.automation_jobs
  for each row when (old.status is distinct from new.status)
  execute function gantry.check_transition();

create function gantry.record_transitions() returns trigger
  -- The planner takes the two for tables of one row, and what the calling function has set holds here too.
  language plpgsql set search_path = '' set jit = off set enable_nestloop = off set enable_hashjoin = on as $$
begin
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  select n.id, n.event_seq, n.attempt, 'state', jsonb_strip_nulls(jsonb_build_object(
    'from', o.status, 'to', n.status, 'reason', n.status_reason,
    'errorCode', n.error_code, 'errorMessage', n.error_message))
  from after_update n join before_update o on o.id = n.id
  where n.status <> o.status;
  return null;
end $$;
create trigger record_transitions after update on public.automation_jobs
  referencing old table as before_update new table as after_update
  for each statement execute function gantry.record_transitions();

-- Hints carry ids and nothing else, as many as one notification holds (8,000 bytes).
create function gantry.tell_events(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform pg_notify('gantry_events', string_agg(t.id::text, ','))
  from unnest(p_job_ids) with ordinality t (id, n) group by (t.n - 1) / 200;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Submit
-- ---------------------------------------------------------------------------------------------------------

drop function gantry.submit_job(uuid, text, jsonb, uuid, integer, timestamptz, text, text);

-- Inserts pending jobs `[{userId, serviceId, input, uploadId, priority, runAt, idempotencyKey, payloadSha256}]`, each
-- for itself: one that is refused says why, in an SQLSTATE of the queue, and keeps no other from being submitted. The
-- same idempotency key with the same payload returns the first job. Answers in any order; n counts from 1.
create function gantry.submit_jobs(p_jobs jsonb)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_queues text[] := '{}';
  v_job record;
  v_first record;
begin
  for v_job in
    with given as materialized (
      select g.n::integer as n, gantry.new_id() as id, g.user_id, g.service_id, g.input, g.upload_id,
        coalesce(g.priority, 0) as priority, coalesce(g.run_at, v_now) as run_at, g.idempotency_key, g.payload_sha256
      from rows from (jsonb_to_recordset(p_jobs) as (
        "userId" uuid, "serviceId" text, input jsonb, "uploadId" uuid, priority integer, "runAt" timestamptz,
        "idempotencyKey" text, "payloadSha256" text)) with ordinality
        g (user_id, service_id, input, upload_id, priority, run_at, idempotency_key, payload_sha256, n)
    ), uploads as (
      -- Held, so that none is swept away before its job is there.
      select u.id, u.user_id from public.automation_uploads u
      where u.id in (select g.upload_id from given g) order by u.id for key share
    ), checked as (
      select g.*, s.queue_name, s.max_attempts, s.timeout_ms, q.priority_head_start_ms,
        case when s.id is null then 'GQ004'
          when g.upload_id is not null and not exists (
            select from uploads u where u.id = g.upload_id and u.user_id = g.user_id) then 'GQ006' end as refusal
      from given g
      left join public.automation_services s on s.id = g.service_id and s.is_enabled
      left join public.automation_queues q on q.name = s.queue_name
    ), inserted as (
      insert into public.automation_jobs (id, user_id, service_id, queue_name, priority, run_at, rank, is_ready,
        max_attempts, timeout_ms, upload_id, idempotency_key, payload_sha256, created_at)
      select c.id, c.user_id, c.service_id, c.queue_name, c.priority, c.run_at,
        -- A microsecond apart, so that jobs submitted together keep their order.
        c.run_at - gantry.milliseconds(c.priority * c.priority_head_start_ms - c.n / 1000.0), c.run_at <= v_now,
        c.max_attempts, c.timeout_ms, c.upload_id, c.idempotency_key,
        case when c.idempotency_key is not null then c.payload_sha256 end, v_now
      -- By key, against deadlocks: a key that another submission is about to use is waited for.
      from checked c where c.refusal is null order by c.idempotency_key nulls first, c.user_id, c.n
      on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
      returning id
    ), payloads as (
      insert into public.automation_job_payloads (job_id, input)
      select c.id, coalesce(c.input, 'null') from checked c join inserted i on i.id = c.id
    )
    select c.n, c.user_id, c.queue_name, c.idempotency_key, c.payload_sha256, c.refusal, i.id
    from checked c left join inserted i on i.id = c.id
  loop
    if v_job.id is not null and v_job.queue_name <> all (v_queues) then
      v_queues := v_queues || v_job.queue_name;
    end if;
    n := v_job.n;
    job_id := v_job.id;
    is_new := v_job.id is not null;
    refusal := v_job.refusal;
    if v_job.id is null and v_job.refusal is null then
      select j.id, j.payload_sha256 into v_first from public.automation_jobs j
      where j.user_id = v_job.user_id and j.idempotency_key = v_job.idempotency_key;
      if not found then
        -- The first job expired between the two statements: the key is free again.
        select s.job_id, s.is_new, s.refusal into job_id, is_new, refusal
        from gantry.submit_jobs(jsonb_build_array(p_jobs -> n - 1)) s;
      elsif v_first.payload_sha256 is distinct from v_job.payload_sha256 then
        refusal := 'GQ005';
      else
        job_id := v_first.id;
      end if;
    end if;
    return next;
  end loop;
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Slots: an attempt that has ended and whose browser may be alive still counts against its queue's limit
-- ---------------------------------------------------------------------------------------------------------

create table gantry.lingering_attempts (
  job_id uuid not null,
  attempt integer not null,
  queue_name text not null,
  held_until timestamptz not null,
  primary key (job_id, attempt)
);
alter table gantry.lingering_attempts enable row level security;
grant select, insert, update, delete on gantry.lingering_attempts to service_role;
create index lingering_attempts_queue_name_idx on gantry.lingering_attempts (queue_name);
insert into gantry.lingering_attempts (job_id, attempt, queue_name, held_until)
select s.job_id, s.attempt, s.queue_name, s.held_until from gantry.queue_slots s
join public.automation_jobs j on j.id = s.job_id and (j.status <> 'processing' or j.attempt <> s.attempt);

drop trigger fit_queue_slots on public.automation_queues;
drop function gantry.fit_queue_slots();
drop function gantry.take_slot(text, uuid, integer, timestamptz);
drop function gantry.give_back_slot(uuid, integer);
drop function gantry.hand_over_slot(text, integer, integer);
drop table gantry.queue_slots;

-- The worker of a cancelled attempt says that its browser is gone.
create or replace function gantry.free_slot(p_job_id uuid, p_attempt integer) returns void
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

-- Lets go of those that have had their time. Returns their queues.
create function gantry.free_lingering(p_now timestamptz) returns table (queue_name text)
  language sql volatile set search_path = '' as $$
  delete from gantry.lingering_attempts where held_until <= p_now returning queue_name
$$;

-- ---------------------------------------------------------------------------------------------------------
-- Claim
-- ---------------------------------------------------------------------------------------------------------

-- Jobs whose time has come join the ready index, and who waits is told. Returns how many.
create or replace function gantry.promote_due_jobs(p_limit integer default 1000) returns integer
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_now timestamptz := gantry.clock();
  v_count integer;
begin
  -- Mostly there is none, and a claim need not pay for a statement that writes.
  if not exists (
    select from public.automation_jobs j where j.status = 'pending' and not j.is_ready and j.run_at <= v_now) then
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
      where j.status = 'pending' and not j.is_ready and j.run_at <= v_now
      order by j.run_at limit p_limit for update skip locked)
    returning queue_name
  ), told as (
    select pg_notify('gantry_jobs', p.queue_name), p.jobs
    from (select queue_name, count(*) as jobs from promoted group by queue_name) p
  )
  select coalesce(sum(told.jobs), 0)::integer into v_count from told;
  return v_count;
end $$;

-- Chooses who is next in a queue: the user with the fewest jobs running there, then by rank. So with one job at a
-- time the order is strictly by rank, and with more the many jobs of one user leave room for the one of another.
-- Looks at the first jobs in the queue and at a bounded number of users, others at each call.
create function gantry.choose_jobs(
  p_queue_name text, p_services text[], p_limit integer, p_until_rank timestamptz
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
    select j.user_id from public.automation_jobs j
    where j.is_ready and j.queue_name = p_queue_name and j.service_id = any (p_services)
    order by j.rank, j.seq limit p_limit) f;
  v_user_id := v_from;
  for i in 1..100 loop
    select j.user_id into v_user_id from public.automation_jobs j
    where j.is_ready and j.queue_name = p_queue_name and j.user_id > v_user_id order by j.user_id limit 1;
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
    select c.id from (select distinct u.id from unnest(v_user_ids) u (id)) waiting
    left join (
      select j.user_id, count(*) as jobs from public.automation_jobs j
      where j.status = 'processing' and j.queue_name = p_queue_name group by j.user_id
    ) running on running.user_id = waiting.id
    cross join lateral (
      select j.id, j.rank, j.seq, coalesce(running.jobs, 0) + row_number() over (order by j.rank, j.seq) as turn
      from public.automation_jobs j
      where j.is_ready and j.queue_name = p_queue_name and j.user_id = waiting.id and j.service_id = any (p_services)
        and j.rank <= p_until_rank
      order by j.rank, j.seq limit p_limit) c
    order by c.turn, c.rank, c.seq limit p_limit);
end $$;

drop function gantry.claim_jobs(uuid, integer, integer);

-- Takes up to p_limit runnable jobs of the worker's services, from some queues or (null) from all: within a queue as
-- chosen above and never more than its limit lets run, across queues by rank.
create function gantry.claim_jobs(p_worker_id uuid, p_limit integer, p_lease_ms integer, p_queues text[] default null)
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
  v_count integer;
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
    select from public.automation_jobs j
    where j.is_ready and j.queue_name = q.name and j.service_id = any (v_services) limit 1) waiting
  where not q.is_paused and (p_queues is null or q.name = any (p_queues));
  -- In one order, so that two claims cannot wait for each other.
  perform pg_advisory_xact_lock(gantry.queue_lock_class(), hashtext(q.name)) from unnest(v_names) q (name);
  v_now := gantry.clock();

  -- Read under the lock: what was claimed before it was ours counts.
  select array_agg(q.name), array_agg(least(p_limit, case when q.concurrency_limit is not null then
    q.concurrency_limit
      - (select count(*) from public.automation_jobs j where j.status = 'processing' and j.queue_name = q.name)
      - (select count(*) from gantry.lingering_attempts l where l.queue_name = q.name and l.held_until > v_now) end))
  into v_names, v_rooms
  from public.automation_queues q where q.name = any (v_names) and not q.is_paused;

  while v_left > 0 loop
    -- The queue whose first job goes first, and how far it may go before that of another does.
    select o.queue_name, o.n, o.room, o.ids, coalesce(lead(o.rank) over (order by o.rank, o.seq), 'infinity') as until_rank
    into v_first
    from (
      select open.name as queue_name, open.n, open.room, min(f.rank) as rank, min(f.seq) as seq, array_agg(f.id) as ids
      from unnest(v_names, v_rooms) with ordinality open (name, room, n)
      cross join lateral (
        select j.id, j.rank, j.seq from public.automation_jobs j
        where j.is_ready and j.queue_name = open.name and j.service_id = any (v_services)
        order by j.rank, j.seq limit 2) f
      where open.room > 0 group by open.name, open.n, open.room) o
    order by o.rank, o.seq limit 1;
    exit when not found;

    -- With one job waiting there is nothing to choose.
    v_chosen := case when cardinality(v_first.ids) = 1 then v_first.ids else gantry.choose_jobs(
      v_first.queue_name, v_services, least(v_first.room, v_left), v_first.until_rank) end;
    return query
      with claimed as (
        -- One that was cancelled since is ready no more: asked in words that no index is for, and the jobs are found by
        -- `any`. Else the planner reads all ready jobs to join them with the chosen ones, whenever its statistics are
        -- from a time when hardly any were ready. The index hands them out by id: in one order, against deadlocks.
        update public.automation_jobs j set
          status = 'processing', status_reason = 'claimed', is_ready = false, attempt = j.attempt + 1,
          attempts_used = j.attempts_used + 1, worker_id = p_worker_id,
          lease_expires_at = v_now + gantry.milliseconds(p_lease_ms),
          started_at = coalesce(j.started_at, v_now), attempt_started_at = v_now,
          error_code = null, error_message = null
        where j.id = any (v_chosen) and j.is_ready::integer = 1
        returning j.*
      )
      select j.id, j.attempt, j.attempts_used, j.max_attempts, j.user_id, j.service_id, j.queue_name, j.timeout_ms,
        p.input, p.checkpoint, j.upload_id, u.file_name, u.storage_key
      from claimed j
      left join public.automation_job_payloads p on p.job_id = j.id
      left join public.automation_uploads u on u.id = j.upload_id
      order by array_position(v_chosen, j.id);
    get diagnostics v_count = row_count;
    v_left := v_left - v_count;
    v_rooms[v_first.n] := v_first.room - v_count;
    perform gantry.tell_events(v_chosen);
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Heartbeat and finish
-- ---------------------------------------------------------------------------------------------------------

-- One statement for a worker and all it runs. Returns the attempts that it no longer holds.
create or replace function gantry.heartbeat(
  p_worker_id uuid, p_job_ids uuid[], p_attempts integer[], p_lease_ms integer
) returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' as $$
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
      select j.id from public.automation_jobs j join held on j.id = held.job_id and j.attempt = held.attempt
      where j.status = 'processing' and j.worker_id = p_worker_id and j.lease_expires_at > v_now
      order by j.id for no key update of j
    ), renewed as (
      update public.automation_jobs j set lease_expires_at = v_now + gantry.milliseconds(p_lease_ms)
      from still where j.id = still.id
      returning j.id
    )
    select held.job_id, held.attempt from held where held.job_id not in (select id from renewed);
end $$;

-- What an attempt took. `p_job` is the row before its end.
create function gantry.measure_attempt(p_job public.automation_jobs, p_outcome text, p_browser jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
begin
  insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
    browser_launch_ms, browser_peak_memory_bytes, created_at)
  values (p_job.id, p_job.attempt, p_job.service_id, p_job.worker_id, p_outcome,
    gantry.elapsed_ms(p_job.run_at, p_job.attempt_started_at), gantry.elapsed_ms(p_job.attempt_started_at, v_now),
    (p_browser ->> 'launchMs')::integer, (p_browser ->> 'peakMemoryBytes')::bigint, v_now);
end $$;

-- What the end of an attempt does that leaves room for another: metrics, and the hints to listeners.
create or replace function gantry.end_attempt(p_job public.automation_jobs, p_outcome text, p_browser jsonb default '{}')
  returns void language plpgsql set search_path = '' as $$
begin
  perform gantry.measure_attempt(p_job, p_outcome, p_browser);
  perform pg_notify('gantry_events', p_job.id::text);
  perform pg_notify('gantry_jobs', p_job.queue_name);
end $$;

drop function gantry.complete_job(uuid, integer, jsonb, bigint, jsonb);

-- Completes attempts `[{jobId, attempt, summary, browser}]`, each for itself. Returns those that no longer held their
-- job, of which nothing was written.
create function gantry.complete_jobs(p_attempts jsonb, p_result_ttl_ms bigint)
  returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  v_now timestamptz := gantry.clock();
  v_completed uuid[];
  v_queues text[];
begin
  -- By the primary key, whatever the planner believes of how many jobs run: `worker_id is not null` says the same as
  -- the status 'processing', which would invite it to the index of running jobs. In one order, against deadlocks.
  with given as materialized (
    select j.id, j.attempt, j.worker_id, g.summary, g.browser
    from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer, summary jsonb, browser jsonb)
    join public.automation_jobs j on j.id = g."jobId" and j.attempt = g.attempt
    order by j.id
  ), completed as (
    update public.automation_jobs j set
      status = 'completed', status_reason = 'completed', worker_id = null, lease_expires_at = null,
      finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
    from given g
    where j.id = g.id and j.attempt = g.attempt and j.worker_id is not null and j.lease_expires_at > v_now
    returning j.id, j.attempt, j.service_id, j.queue_name, g.worker_id, j.run_at, j.attempt_started_at, g.summary, g.browser
  ), summed_up as (
    update public.automation_job_payloads p set summary = c.summary
    from completed c where p.job_id = c.id and c.summary is not null
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
  return query
    select g."jobId", g.attempt from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer)
    except select j.id, j.attempt from public.automation_jobs j where j.id = any (v_completed);
end $$;

-- Cancels a pending or running job; again on a cancelled one changes nothing. A running job is cancelled at
-- once: its worker loses the lease, is told, and lets go of the queue when the browser is dead (see free_slot).
create or replace function gantry.cancel_job(p_job_id uuid, p_reason text, p_result_ttl_ms bigint) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for no key update;
  if not found then
    raise exception 'There is no such job.' using errcode = 'GQ002';
  elsif v_job.status = 'cancelled' then
    return;
  elsif v_job.status in ('completed', 'failed') then
    raise exception 'The job has already %.', v_job.status using errcode = 'GQ003';
  end if;
  update public.automation_jobs set
    status = 'cancelled', status_reason = p_reason, is_ready = false, worker_id = null, lease_expires_at = null,
    finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
  where id = p_job_id;
  if v_job.status = 'processing' then
    insert into gantry.lingering_attempts (job_id, attempt, queue_name, held_until)
    values (v_job.id, v_job.attempt, v_job.queue_name, v_job.lease_expires_at);
    perform gantry.measure_attempt(v_job, 'cancelled', '{}');
    perform pg_notify('gantry_cancels', v_job.id::text);
  end if;
  perform pg_notify('gantry_events', v_job.id::text);
end $$;

-- Puts a failed job back in the queue with all its attempts; rows that have an answer keep it.
create or replace function gantry.retry_job(p_job_id uuid, p_reason text) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for no key update;
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

-- Finds workers whose session is gone for longer than the grace and that have not been heard of since, or that
-- have said nothing for very long, and gives their jobs and every job without a valid lease to others: pending
-- again, or failed after the last attempt. Safe to run anywhere, any number of times at once.
create or replace function gantry.rescue_jobs(
  p_session_grace_ms integer, p_stuck_after_ms integer, p_result_ttl_ms bigint, p_limit integer default 100
) returns table (job_id uuid, outcome text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_job public.automation_jobs;
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

  for v_job in
    select j.* from public.automation_jobs j
    where j.status = 'processing' and (j.lease_expires_at <= v_now
      or exists (select from public.automation_workers w where w.id = j.worker_id and w.status in ('lost', 'stopped')))
    order by j.lease_expires_at limit p_limit for update of j skip locked
  loop
    v_outcome := case when v_job.attempts_used < v_job.max_attempts then 'rescued' else 'failed' end;
    update public.automation_jobs set
      status = case v_outcome when 'rescued' then 'pending' else 'failed' end,
      status_reason = 'worker lost', is_ready = (v_outcome = 'rescued'), worker_id = null, lease_expires_at = null,
      run_at = v_now, error_code = 'WORKER_LOST',
      error_message = 'The worker that ran this job stopped answering.',
      finished_at = case v_outcome when 'failed' then v_now end,
      expires_at = case v_outcome when 'failed' then v_now + gantry.milliseconds(p_result_ttl_ms) end
    where id = v_job.id;
    perform gantry.end_attempt(v_job, 'lost');
    return query select v_job.id, v_outcome;
  end loop;

  -- Of cancelled attempts whose worker has not said that the browser is gone.
  perform pg_notify('gantry_jobs', freed.queue_name) from gantry.free_lingering(v_now) freed;
end $$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
