-- Users take turns also where jobs run one at a time. Who is next had the lowest rank, whoever submitted it: fifty slow
-- jobs of one user went before the only job of another. Now the age of a job counts from the last turn of its user, if
-- that is later (docs/decisions/0012).

-- The users whose jobs were claimed last from a queue, newest first, and when their turn ended: when the next user was
-- served, or not yet (infinity). A claim writes it under the lock of the queue, and only when another user is served.
create table gantry.queue_turns (
  queue_name text primary key,
  user_ids uuid[] not null,
  ended_at timestamptz[] not null,
  check (cardinality(user_ids) = cardinality(ended_at) and cardinality(user_ids) <= 100)
);
alter table gantry.queue_turns enable row level security;
revoke all on gantry.queue_turns from public, anon, authenticated, service_role;
grant select, insert, update on gantry.queue_turns to service_role;

-- When each user had the last turn in a queue; now for one whose turn it is.
create function gantry.turns_of(p_queue_name text, p_now timestamptz) returns table (user_id uuid, served_at timestamptz)
  language sql stable set search_path = '' as $$
  select u.id, least(u.ended_at, p_now)
  from gantry.queue_turns t cross join unnest(t.user_ids, t.ended_at) u (id, ended_at)
  where t.queue_name = p_queue_name;
$$;

-- The rank of a job whose user was served at that time (null: not lately): its age counts from then. Only in this case is
-- its priority looked up.
create function gantry.turn_rank(p_job_id uuid, p_rank timestamptz, p_served_at timestamptz, p_head_start_ms integer)
  returns timestamptz
  language plpgsql stable set search_path = '' as $$
begin
  if p_served_at is null or p_served_at <= p_rank then
    return p_rank;
  end if;
  return greatest(p_rank, p_served_at - gantry.milliseconds(p_head_start_ms * (
    select j.priority from public.automation_jobs j where j.id = p_job_id)));
end $$;

-- Notes whose jobs a claim takes. The caller holds the lock of the queue.
create function gantry.record_turns(p_queue_name text, p_job_ids uuid[], p_now timestamptz) returns void
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  c_most_users constant integer := 100;
  -- Each by its key: a plan from when there were few jobs could read them all by another index.
  v_user_ids uuid[] := array(
    select distinct (select j.user_id from public.automation_jobs j where j.id = any (array[i.id])) as user_id
    from unnest(p_job_ids) i (id) order by user_id limit c_most_users);
  v_last uuid[];
begin
  if cardinality(v_user_ids) = 0 then
    return;
  end if;
  select array(
    select u.id from unnest(t.user_ids, t.ended_at) u (id, ended_at) where u.ended_at = 'infinity' order by u.id)
  into v_last from gantry.queue_turns t where t.queue_name = p_queue_name;
  -- Mostly it is the same user again.
  if v_last = v_user_ids then
    return;
  end if;
  insert into gantry.queue_turns as t (queue_name, user_ids, ended_at)
  values (p_queue_name, v_user_ids, array_fill('infinity'::timestamptz, array[cardinality(v_user_ids)]))
  on conflict (queue_name) do update set (user_ids, ended_at) = (
    select array_agg(l.id), array_agg(l.ended_at) from (
      select e.id, 'infinity'::timestamptz as ended_at from unnest(excluded.user_ids) e (id)
      union all
      select o.id, least(o.ended_at, p_now) from unnest(t.user_ids, t.ended_at) o (id, ended_at)
      where o.id <> all (excluded.user_ids)
      order by ended_at desc limit c_most_users) l);
end $$;

-- Chooses who is next in a queue: the user with the fewest jobs running there, then by rank, where the age of a job
-- counts from the last turn of its user if that is later. Looks at the first jobs in the queue and at a bounded number of
-- users, others at each call.
create or replace function gantry.choose_jobs(
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
  v_now timestamptz := gantry.clock();
  v_head_start_ms integer;
begin
  select q.priority_head_start_ms into v_head_start_ms from public.automation_queues q where q.name = p_queue_name;
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
    left join gantry.turns_of(p_queue_name, v_now) served on served.user_id = waiting.id
    cross join lateral (
      select j.job_id, j.rank, j.seq, row_number() over (order by j.rank, j.seq) as n
      from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.user_id = waiting.id and j.service_id = any (p_services)
        and j.job_id <> all (p_passed_by) and j.rank <= p_until_rank
      order by j.rank, j.seq limit p_limit) c
    order by coalesce(running.jobs, 0) + c.n,
      gantry.turn_rank(c.job_id, c.rank, case c.n when 1 then served.served_at else v_now end, v_head_start_ms), c.rank, c.seq
    limit p_limit);
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
    perform gantry.record_turns(v_first.queue_name, v_held, v_now);
    v_left := v_left - cardinality(v_held);
    -- Each that was passed by is looked at anew in every round, under the lock of the queue: what is behind many waits, as
    -- they do, for whoever holds them.
    v_rooms[v_first.n] := case when cardinality(v_passed_by) < 100 then v_first.room - cardinality(v_held) else 0 end;
    perform gantry.tell_events(v_held);
    -- Nothing was passed by, and there is no other queue.
    exit when cardinality(v_names) = 1 and cardinality(v_held) = cardinality(v_chosen);
  end loop;
end $$;

drop function gantry.jobs_ahead_by_turns(public.automation_jobs, integer);

-- The jobs that would be claimed before this one, as choose_jobs chooses: where several run at once, if every slot came
-- free now; else one after the other. Null when that would be many to look at (more than p_most users, or jobs of one),
-- and when only one user waits: then the rank says it.
create function gantry.jobs_ahead_by_turns(
  p_job public.automation_jobs, p_is_one_at_a_time boolean, p_most integer, out jobs integer, out by_service jsonb
) language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  v_now timestamptz := gantry.clock();
  v_head_start_ms integer;
  v_turn integer;
  v_user_id uuid;
  v_user_ids uuid[] := '{}';
  v_last integer;
begin
  select count(*) + 1 into v_turn from (
    select from gantry.ready_jobs j
    where j.queue_name = p_job.queue_name and j.user_id = p_job.user_id
      and (j.rank, j.seq) < (p_job.rank, p_job.seq)
    limit p_most) own;
  if not p_is_one_at_a_time then
    v_turn := v_turn + (select count(*) from gantry.running_jobs j
      where j.queue_name = p_job.queue_name and j.user_id = p_job.user_id);
  end if;
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
  if p_is_one_at_a_time and v_user_ids <@ array[p_job.user_id] then
    return;
  end if;
  select q.priority_head_start_ms into v_head_start_ms from public.automation_queues q where q.name = p_job.queue_name;

  with waiting as (
    select u.id as user_id, c.job_id, c.service_id, c.rank, c.seq from unnest(v_user_ids) u (id)
    cross join lateral (
      select j.job_id, j.service_id, j.rank, j.seq from gantry.ready_jobs j
      where j.queue_name = p_job.queue_name and j.user_id = u.id and j.job_id <> p_job.id
      order by j.rank, j.seq limit case when p_is_one_at_a_time then p_most else v_turn end) c
    -- It may not be in the line yet.
    union all select p_job.user_id, p_job.id, p_job.service_id, p_job.rank, p_job.seq
  ), numbered as (
    select w.*, row_number() over (partition by w.user_id order by w.rank, w.seq) as n from waiting w
  ), ranked as (
    -- Once one of them was claimed, the age of the user's next job counts from now.
    select w.*, case when p_is_one_at_a_time then 0 else coalesce(running.jobs, 0) + w.n end as turn,
      gantry.turn_rank(w.job_id, w.rank, case w.n when 1 then served.served_at else v_now end, v_head_start_ms) as turn_rank
    from numbered w
    left join (
      select j.user_id, count(*) as jobs from gantry.running_jobs j
      where j.queue_name = p_job.queue_name group by j.user_id
    ) running on running.user_id = w.user_id
    left join gantry.turns_of(p_job.queue_name, v_now) served on served.user_id = w.user_id
  ), in_order as (
    -- No job goes before an earlier one of its user. One that could, but for that, follows it at once.
    select r.*, p_is_one_at_a_time and coalesce(r.turn_rank < max(r.turn_rank) over (
      partition by r.user_id order by r.n rows between unbounded preceding and 1 preceding), false) as follows
    from ranked r
  ), placed as (
    -- Of two that count from now, the one whose user was served before goes first: so a place is all ranks back to the first.
    select o.*, array_agg(o.turn_rank) filter (where not o.follows) over (
        partition by o.user_id order by o.n desc rows between current row and unbounded following)
      || array_fill('-infinity'::timestamptz, array[(count(*) filter (where o.follows) over (
        partition by o.user_id order by o.n))::integer]) as place
    from in_order o
  ), before as (
    select p.service_id, count(*) as jobs, max(p.n) as last from placed p, placed own
    where own.job_id = p_job.id and (p.turn, p.place, p.rank, p.seq) < (own.turn, own.place, own.rank, own.seq)
    group by p.service_id
  )
  select coalesce(sum(b.jobs), 0), coalesce(jsonb_object_agg(b.service_id, b.jobs), '{}'), max(b.last)
  into jobs, by_service, v_last from before b;
  -- A user may have more jobs before this one than were looked at.
  if p_is_one_at_a_time and v_last >= p_most then
    jobs := null;
    by_service := null;
  end if;
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

  select a.jobs, a.by_service into v_ahead, v_by_service
  from gantry.jobs_ahead_by_turns(v_job, coalesce(least(v_slots, v_queue.concurrency_limit), 1) <= 1, c_most_turns) a;
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

revoke all on function gantry.turns_of(text, timestamptz), gantry.turn_rank(uuid, timestamptz, timestamptz, integer),
  gantry.record_turns(text, uuid[], timestamptz), gantry.jobs_ahead_by_turns(public.automation_jobs, boolean, integer)
  from public, anon, authenticated;
grant execute on function gantry.turns_of(text, timestamptz), gantry.turn_rank(uuid, timestamptz, timestamptz, integer),
  gantry.record_turns(text, uuid[], timestamptz), gantry.jobs_ahead_by_turns(public.automation_jobs, boolean, integer)
  to service_role;
