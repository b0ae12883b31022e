-- Where a job stands and how long it will probably wait, figures that cost the same however many jobs there are, and
-- queues as admins govern them.

-- ---------------------------------------------------------------------------------------------------------
-- Queues and what is bound to them
-- ---------------------------------------------------------------------------------------------------------

alter table public.automation_queues
  -- Out of sight and out of use. The row stays: a job that was being submitted at that moment runs all the same.
  add column deleted_at timestamptz;

alter table public.automation_services
  -- The queue that the workers' code names. It counts unless an admin chose another.
  add column published_queue_name text,
  add column is_queue_chosen boolean not null default false;
update public.automation_services set published_queue_name = queue_name;
alter table public.automation_services
  alter column published_queue_name set not null,
  add constraint automation_services_queue_check check (is_queue_chosen or queue_name = published_queue_name);

alter table public.automation_workers
  -- The queues that it serves; null for all.
  add column queues text[];

-- A queue for a service to be in: made when it is not there, and back when it was deleted.
create function gantry.provide_queue(p_name text) returns void
  language sql volatile set search_path = '' as $$
  insert into public.automation_queues as q (name) values (p_name)
  on conflict (name) do update set deleted_at = null, updated_at = gantry.clock() where q.deleted_at is not null
$$;

-- Publishes what a worker can run; what an admin decided (is_enabled, another queue) stays.
create or replace function gantry.publish_service(
  p_id text, p_name text, p_description text, p_category text, p_queue_name text, p_version text,
  p_input_schema jsonb, p_accepted_files jsonb, p_timeout_ms integer, p_max_attempts integer
) returns void
  language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.automation_services s where s.id = p_id and s.is_queue_chosen) then
    perform gantry.provide_queue(p_queue_name);
  end if;
  insert into public.automation_services as s (id, name, description, category, queue_name, published_queue_name,
    version, input_schema, accepted_files, timeout_ms, max_attempts)
  values (p_id, p_name, p_description, p_category, p_queue_name, p_queue_name, p_version, p_input_schema,
    p_accepted_files, p_timeout_ms, p_max_attempts)
  on conflict (id) do update set
    name = excluded.name, description = excluded.description, category = excluded.category,
    queue_name = case when s.is_queue_chosen then s.queue_name else excluded.queue_name end,
    published_queue_name = excluded.published_queue_name, version = excluded.version,
    input_schema = excluded.input_schema, accepted_files = excluded.accepted_files, timeout_ms = excluded.timeout_ms,
    max_attempts = excluded.max_attempts, updated_at = gantry.clock();
end $$;

-- Puts the jobs of a service that are submitted from now on into a queue, or (null) into the one that its code names.
create function gantry.choose_queue(p_service_id text, p_queue_name text) returns void
  language plpgsql set search_path = '' as $$
declare
  v_published text;
begin
  select s.published_queue_name into v_published from public.automation_services s
  where s.id = p_service_id for no key update;
  if not found then
    raise exception 'There is no service "%".', p_service_id using errcode = 'GQ004';
  end if;
  if p_queue_name is null then
    perform gantry.provide_queue(v_published);
  else
    -- Held, so that it is not deleted before the service is in it.
    perform from public.automation_queues q where q.name = p_queue_name and q.deleted_at is null for update;
    if not found then
      raise exception 'There is no queue "%".', p_queue_name using errcode = 'GQ030';
    end if;
  end if;
  update public.automation_services set
    queue_name = coalesce(p_queue_name, v_published), is_queue_chosen = p_queue_name is not null,
    updated_at = gantry.clock()
  where id = p_service_id;
end $$;

create function gantry.create_queue(p_name text, p_concurrency_limit integer) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_queues as q (name, concurrency_limit) values (p_name, p_concurrency_limit)
  on conflict (name) do update set
    deleted_at = null, concurrency_limit = excluded.concurrency_limit, is_paused = false, updated_at = gantry.clock()
  where q.deleted_at is not null;
  if not found then
    raise exception 'There is a queue "%" already.', p_name using errcode = 'GQ032';
  end if;
end $$;

-- Deletes a queue that no service is in and where no job waits or runs.
create function gantry.delete_queue(p_name text) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.automation_queues q where q.name = p_name and q.deleted_at is null for update;
  if not found then
    raise exception 'There is no queue "%".', p_name using errcode = 'GQ030';
  end if;
  if exists (select from public.automation_services s where s.queue_name = p_name)
    or exists (select from public.automation_jobs j where j.queue_name = p_name and j.is_ready)
    or exists (select from public.automation_jobs j where j.queue_name = p_name and j.status = 'processing')
    or exists (select from public.automation_jobs j
      where j.queue_name = p_name and j.status = 'pending' and not j.is_ready)
  then
    raise exception 'The queue "%" is in use.', p_name using errcode = 'GQ031';
  end if;
  update public.automation_queues set deleted_at = gantry.clock(), is_paused = false where name = p_name;
end $$;

drop function gantry.register_worker(uuid, text, integer, text, text[], integer, integer);
create function gantry.register_worker(
  p_worker_id uuid, p_host text, p_pid integer, p_version text, p_services text[], p_concurrency integer,
  p_session_key integer, p_queues text[] default null
) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_workers (id, host, pid, version, services, concurrency, session_key, queues,
    started_at, heartbeat_at)
  values (p_worker_id, p_host, p_pid, p_version, p_services, p_concurrency, p_session_key, p_queues,
    gantry.clock(), gantry.clock());
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Position, and what an estimate of the wait needs to know
-- ---------------------------------------------------------------------------------------------------------

drop function gantry.estimate_wait(uuid);

-- How many jobs stand before one in its queue in strict order, counted up to p_most along the index that claims walk,
-- and by service (`{service: jobs}`): of which services they are, the first two hundred tell for all.
create function gantry.jobs_ahead(
  p_queue_name text, p_rank timestamptz, p_seq bigint, p_most integer, out jobs integer, out by_service jsonb
)
  -- As in choose_jobs: a plan made while the table was small would stay.
  language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  -- In two steps, since comparing pairs takes a quarter longer.
  select count(*) into jobs from (
    select from public.automation_jobs j
    where j.is_ready and j.queue_name = p_queue_name and j.rank < p_rank
    order by j.rank, j.seq limit p_most) a;
  if jobs < p_most then
    select jobs + count(*) into jobs from (
      select from public.automation_jobs j
      where j.is_ready and j.queue_name = p_queue_name and j.rank = p_rank and j.seq < p_seq
      order by j.rank, j.seq limit p_most - jobs) a;
  end if;
  select coalesce(jsonb_object_agg(s.service_id, (s.share * jobs)::integer), '{}') into by_service from (
    select f.service_id, count(*) / sum(count(*)) over () as share from (
      select j.service_id from public.automation_jobs j
      where j.is_ready and j.queue_name = p_queue_name and (j.rank, j.seq) < (p_rank, p_seq)
      order by j.rank, j.seq limit least(jobs, 200)) f
    group by f.service_id) s;
end $$;

-- The same where users take turns: the jobs that would be claimed before this one if every slot came free now (see
-- choose_jobs). Null when that would be many to look at: more than p_most users, or turns of one user.
create function gantry.jobs_ahead_by_turns(
  p_job public.automation_jobs, p_most integer, out jobs integer, out by_service jsonb
) language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_turn integer;
  v_user_id uuid;
  v_user_ids uuid[] := '{}';
begin
  select count(*) + 1 into v_turn from (
    select from public.automation_jobs j
    where j.is_ready and j.queue_name = p_job.queue_name and j.user_id = p_job.user_id
      and (j.rank, j.seq) < (p_job.rank, p_job.seq)
    limit p_most) own;
  v_turn := v_turn + (select count(*) from public.automation_jobs j
    where j.status = 'processing' and j.queue_name = p_job.queue_name and j.user_id = p_job.user_id);
  if v_turn > p_most then
    return;
  end if;
  select j.user_id into v_user_id from public.automation_jobs j
  where j.is_ready and j.queue_name = p_job.queue_name order by j.user_id limit 1;
  while v_user_id is not null loop
    if cardinality(v_user_ids) = p_most then
      return;
    end if;
    v_user_ids := v_user_ids || v_user_id;
    select (select j.user_id from public.automation_jobs j
      where j.is_ready and j.queue_name = p_job.queue_name and j.user_id > v_user_id
      order by j.user_id limit 1) into v_user_id;
  end loop;

  select coalesce(sum(a.jobs), 0), coalesce(jsonb_object_agg(a.service_id, a.jobs), '{}') into jobs, by_service from (
    select c.service_id, count(*) as jobs from unnest(v_user_ids) u (id)
    left join (
      select j.user_id, count(*) as jobs from public.automation_jobs j
      where j.status = 'processing' and j.queue_name = p_job.queue_name group by j.user_id
    ) running on running.user_id = u.id
    cross join lateral (
      select j.service_id, j.rank, j.seq, coalesce(running.jobs, 0) + row_number() over (order by j.rank, j.seq) as turn
      from public.automation_jobs j
      where j.is_ready and j.queue_name = p_job.queue_name and j.user_id = u.id
      order by j.rank, j.seq limit greatest(0, v_turn - coalesce(running.jobs, 0))) c
    where c.turn < v_turn or (c.rank, c.seq) < (p_job.rank, p_job.seq)
    group by c.service_id) a;
end $$;

-- Place of a job in its queue, the reason why it waits, and, when something can be said of the wait, what the estimate
-- is made of. Reads so many rows at most, however many jobs there are.
--
-- {position, reason, wait: null | {dueInMs, isBound, limit, slots, running: [{serviceId, isOwnQueue, elapsedMs, done}],
--   lingeringMs: [], ahead: {service: jobs}, elsewhere: [{limit, ahead}], services: {id: {timeoutMs, runMs: []}}}}
create function gantry.describe_wait(p_job_id uuid) returns jsonb
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
  v_blocked_by integer;
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
  -- By name: the column comes with the dependencies between jobs.
  v_blocked_by := coalesce((to_jsonb(v_job) ->> 'blocked_by')::integer, 0);

  -- Those that could run it.
  select array_agg(w.id), sum(w.concurrency), bool_or(w.queues is null) into v_workers, v_slots, v_serves_all
  from public.automation_workers w
  where w.status = 'active' and v_job.service_id = any (w.services)
    and (w.queues is null or v_job.queue_name = any (w.queues));

  if v_blocked_by > 0 then
    v_reason := 'waits for ' || v_blocked_by || case v_blocked_by when 1 then ' job' else ' jobs' end;
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
      from public.automation_jobs j
      where j.status = 'processing' and (j.queue_name = v_job.queue_name or j.worker_id = any (v_workers))
      limit c_most_running) r);
  v_elsewhere := (
    select jsonb_agg(jsonb_build_object('limit', o.concurrency_limit, 'ahead', o.ahead)) from (
      select q.concurrency_limit, a.by_service as ahead
      from (
        select c.name, c.concurrency_limit, count(*) over () as queues from public.automation_queues c
        where c.name <> v_job.queue_name and not c.is_paused and c.concurrency_limit is distinct from 0
          and (v_serves_all or exists (
            select from public.automation_workers w where w.id = any (v_workers) and c.name = any (w.queues)))
          and exists (select from public.automation_jobs j
            where j.is_ready and j.queue_name = c.name and (j.rank, j.seq) < (v_job.rank, v_job.seq))) q
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

-- ---------------------------------------------------------------------------------------------------------
-- Figures
-- ---------------------------------------------------------------------------------------------------------

-- One row: how many jobs there were in which state when they were last counted, and how long that took.
create table gantry.job_figures (
  is_only boolean primary key default true check (is_only),
  figures jsonb not null default '{}',
  counted_at timestamptz not null default '-infinity',
  took interval not null default '0'
);
alter table gantry.job_figures enable row level security;
grant select, update on gantry.job_figures to service_role;
insert into gantry.job_figures default values;

-- Counts every job, along indexes where there is one.
create function gantry.count_jobs() returns jsonb
  -- Claims need the processors more.
  language sql stable set search_path = '' set jit = off set max_parallel_workers_per_gather = 0 as $$
  with pending as (
    select c.queue_name, sum(c.jobs) as jobs from (
      select j.queue_name, count(*) as jobs from public.automation_jobs j where j.is_ready group by j.queue_name
      union all
      select j.queue_name, count(*) from public.automation_jobs j where j.status = 'pending' and not j.is_ready
      group by j.queue_name) c
    group by c.queue_name
  ), processing as (
    select j.queue_name, count(*) as jobs from public.automation_jobs j where j.status = 'processing' group by j.queue_name
  ), unhappy as (
    select count(*) filter (where j.status = 'failed') as failed, count(*) filter (where j.status = 'cancelled') as cancelled
    from public.automation_jobs j where j.status in ('failed', 'cancelled')
  ), queues as (
    select q.name, coalesce(p.jobs, 0) as pending, coalesce(r.jobs, 0) as processing, (
      -- Lower ranks are older, but for the head start of a priority: the oldest is among the first.
      select min(f.run_at) from (
        select j.run_at from public.automation_jobs j where j.is_ready and j.queue_name = q.name
        order by j.rank, j.seq limit 100) f) as oldest
    from public.automation_queues q
    left join pending p on p.queue_name = q.name left join processing r on r.queue_name = q.name
  )
  select jsonb_build_object(
    'pending', (select coalesce(sum(q.pending), 0) from queues q),
    'processing', (select coalesce(sum(q.processing), 0) from queues q),
    'completed', (select count(*) from public.automation_jobs j where j.expires_at is not null) - u.failed - u.cancelled,
    'failed', u.failed,
    'cancelled', u.cancelled,
    'queues', (select jsonb_object_agg(q.name, jsonb_build_object(
      'pending', q.pending, 'processing', q.processing, 'oldest', q.oldest)) from queues q))
  from unhappy u
$$;

-- Figures of the whole queue, with the time of their counting. Whoever finds them too old counts anew, one at a time;
-- they are too old when the counting would take less than a twentieth of the time. Queues are as they are now. Reveals
-- no id and nothing of anybody's job.
create or replace function gantry.queue_info() returns jsonb
  language plpgsql volatile set search_path = '' as $$
declare
  c_lock_class constant integer := 1196315462;
  v_began timestamptz;
  v_figures jsonb;
  v_known gantry.job_figures;
begin
  loop
    select * into v_known from gantry.job_figures;
    exit when clock_timestamp() < v_known.counted_at + 20 * v_known.took;
    if pg_try_advisory_xact_lock(c_lock_class, 1) then
      v_began := clock_timestamp();
      v_figures := gantry.count_jobs();
      update gantry.job_figures set figures = v_figures, counted_at = v_began, took = clock_timestamp() - v_began
      returning * into v_known;
      exit;
    end if;
    exit when v_known.counted_at > '-infinity';
    -- Somebody counts for the first time: their figures will do.
    perform pg_advisory_xact_lock(c_lock_class, 1);
  end loop;

  return v_known.figures || jsonb_build_object(
    'countedAt', to_char(v_known.counted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'activeWorkers', (select count(*) from public.automation_workers w where w.status = 'active'),
    'queues', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', q.name, 'concurrencyLimit', q.concurrency_limit, 'isPaused', q.is_paused,
        'pending', coalesce((f.value ->> 'pending')::integer, 0),
        'processing', coalesce((f.value ->> 'processing')::integer, 0),
        'oldestWaitMs', case when f.value ->> 'oldest' is not null then
          gantry.elapsed_ms((f.value ->> 'oldest')::timestamptz, gantry.clock()) end
      ) order by q.name), '[]')
      from public.automation_queues q
      left join jsonb_each(v_known.figures -> 'queues') f on f.key = q.name
      where q.deleted_at is null or (f.value ->> 'pending')::integer + (f.value ->> 'processing')::integer > 0));
end $$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
