-- Chooses the next jobs of a queue: those of the user with the fewest jobs running there, then by rank, where the age of
-- a job counts from the last turn of its user if that is later. Reads the first jobs in the queue and a bounded number
-- of users, from a random one on.
create function gantry.choose_jobs(
  p_queue_name text, p_services text[], p_limit integer, p_until_rank timestamptz, p_passed_by uuid[]
) returns uuid[]
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  c_last_id constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_user_id uuid;
  v_known_id uuid;
  v_found_id uuid;
  v_user_ids uuid[];
  v_from uuid := gen_random_uuid();
  v_has_wrapped boolean := false;
  v_now timestamptz := gantry.clock();
  v_head_start_ms integer;
  v_start record;
begin
  select q.priority_head_start_ms into v_head_start_ms from public.automation_queues q where q.name = p_queue_name;
  select * into v_start from gantry.starts_of(p_queue_name);
  select coalesce(array_agg(distinct f.user_id), '{}') into v_user_ids from (
    select j.user_id from gantry.ready_jobs j
    where j.queue_name = p_queue_name and j.place >= v_start.first_place
      and j.service_id = any (p_services) and j.job_id <> all (p_passed_by)
    order by j.place, j.rank, j.seq limit p_limit) f;
  v_user_id := v_from;
  for i in 1..100 loop
    -- Between two known users: past the index entries of what these had in the line.
    v_known_id := (select u.id from unnest(v_user_ids) u (id) where u.id > v_user_id order by u.id limit 1);
    v_found_id := (
      select j.user_id from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.user_id > v_user_id and j.user_id < coalesce(v_known_id, c_last_id)
        and j.place >= v_start.first_place
      order by j.user_id limit 1);
    v_user_id := coalesce(v_found_id, v_known_id);
    if v_user_id is null then
      exit when v_has_wrapped;
      v_has_wrapped := true;
      v_user_id := '00000000-0000-0000-0000-000000000000';
      continue;
    end if;
    exit when v_has_wrapped and v_user_id >= v_from;
    if v_found_id is not null then
      v_user_ids := v_user_ids || v_found_id;
    end if;
  end loop;

  return array(
    select c.job_id from (select distinct u.id from unnest(v_user_ids) u (id)) waiting
    left join (
      select j.user_id, count(*) as jobs from gantry.running_jobs j
      where j.queue_name = p_queue_name and j.attempt_started_at >= v_start.first_attempt group by j.user_id
    ) running on running.user_id = waiting.id
    left join gantry.turns_of(p_queue_name, v_now) served on served.user_id = waiting.id
    cross join lateral (
      select j.job_id, j.rank, j.seq, j.priority, row_number() over (order by j.place, j.rank, j.seq) as n
      from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.user_id = waiting.id and j.place >= v_start.first_place
        and j.place <= greatest(p_until_rank, v_start.first_place) and j.rank <= p_until_rank
        and j.service_id = any (p_services) and j.job_id <> all (p_passed_by)
      order by j.place, j.rank, j.seq limit p_limit) c
    order by coalesce(running.jobs, 0) + c.n,
      gantry.turn_rank(c.rank, case c.n when 1 then served.served_at else v_now end, c.priority, v_head_start_ms), c.rank, c.seq
    limit p_limit);
end $$;

-- Takes up to p_limit ready jobs of the worker's services, from some queues or (null) from all: within a queue as
-- choose_jobs chooses and never more than its limit lets run, across queues by rank. Claims from one queue run one after
-- the other under an advisory lock, so the limit is exact (docs/decisions/0004).
create function gantry.claim_jobs(p_worker_id uuid, p_limit integer, p_lease_ms integer, p_queues text[] default null)
  returns table (
    job_id uuid, attempt integer, attempts_used integer, max_attempts integer, user_id uuid, service_id text,
    queue_name text, timeout_ms integer, input jsonb, checkpoint jsonb, upload_id uuid, file_name text,
    file_storage_key text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_services text[];
  v_names text[];
  v_rooms integer[];
  v_places timestamptz[];
  v_started_at timestamptz;
  v_first record;
  v_chosen uuid[];
  v_held uuid[];
  v_user_ids uuid[];
  v_passed_by uuid[] := '{}';
  v_left integer := p_limit;
begin
  select w.services into v_services from public.automation_workers w
  where w.id = p_worker_id and w.status = 'active';
  if not found then
    raise exception using errcode = 'GQ007', message = 'WORKER_UNKNOWN';
  end if;
  perform gantry.promote_due_jobs();

  select array_agg(q.name order by hashtext(q.name)) into v_names
  from public.automation_queues q
  cross join lateral gantry.starts_of(q.name) s
  cross join lateral (
    select from gantry.ready_jobs j
    where j.queue_name = q.name and j.place >= s.first_place and j.service_id = any (v_services)
    limit 1) waiting
  where not q.is_paused and (p_queues is null or q.name = any (p_queues));
  -- In one order, so that two claims cannot wait for each other.
  perform pg_advisory_xact_lock(gantry.queue_lock_class(), hashtext(q.name)) from unnest(v_names) q (name);
  v_now := gantry.clock();
  perform gantry.move_running_start(q.name, v_now) from unnest(v_names) q (name);

  -- Read under the lock, so that earlier claims count.
  select array_agg(q.name), array_agg(least(p_limit, case when q.concurrency_limit is not null then
    q.concurrency_limit
      - (select count(*) from gantry.running_jobs j where j.queue_name = q.name and j.attempt_started_at >= s.first_attempt)
      - (select count(*) from gantry.lingering_attempts l where l.queue_name = q.name and l.held_until > v_now) end)),
    array_agg(s.first_place), greatest(v_now, max(s.first_attempt))
  into v_names, v_rooms, v_places, v_started_at
  from public.automation_queues q cross join lateral gantry.starts_of(q.name) s where q.name = any (v_names) and not q.is_paused;

  while v_left > 0 loop
    -- The queue whose first job has the lowest rank, and the rank at which another queue is next.
    select o.queue_name, o.n, o.room, o.ids, coalesce(lead(o.rank) over (order by o.rank, o.seq), 'infinity') as until_rank
    into v_first
    from (
      select open.name as queue_name, open.n, open.room, min(f.rank) as rank, min(f.seq) as seq, array_agg(f.job_id) as ids
      from unnest(v_names, v_rooms, v_places) with ordinality open (name, room, first_place, n)
      cross join lateral (
        select j.job_id, j.rank, j.seq from gantry.ready_jobs j
        where j.queue_name = open.name and j.place >= open.first_place
          and j.service_id = any (v_services) and j.job_id <> all (v_passed_by)
        order by j.place, j.rank, j.seq limit 2) f
      where open.room > 0 group by open.name, open.n, open.room) o
    order by o.rank, o.seq limit 1;
    exit when not found;

    -- With one job waiting there is nothing to choose.
    v_chosen := case when cardinality(v_first.ids) = 1 then v_first.ids else gantry.choose_jobs(
      v_first.queue_name, v_services, least(v_first.room, v_left), v_first.until_rank, v_passed_by) end;
    -- Skips jobs that are no longer ready or that another transaction has locked.
    select coalesce(array_agg(h.id), '{}'), array_agg(h.user_id) into v_held, v_user_ids from (
      select j.id, j.user_id from public.automation_jobs j
      where j.id = any (v_chosen) and j.is_ready for no key update skip locked) h;
    if cardinality(v_held) < cardinality(v_chosen) then
      v_passed_by := v_passed_by || array(select c.id from unnest(v_chosen) c (id) where c.id <> all (v_held));
    end if;
    return query
      with claimed as (
        update public.automation_jobs j set
          status = 'processing', status_reason = 'claimed', event_seq = j.event_seq + 1, is_ready = false,
          attempt = j.attempt + 1, attempts_used = j.attempts_used + 1, worker_id = p_worker_id,
          lease_expires_at = v_now + gantry.milliseconds(p_lease_ms),
          started_at = coalesce(j.started_at, v_started_at), attempt_started_at = v_started_at,
          error_code = null, error_message = null
        where j.id = any (v_held)
        returning j.id, j.attempt, j.attempts_used, j.max_attempts, j.user_id, j.service_id, j.queue_name, j.timeout_ms,
          j.upload_id, j.place, j.rank, j.seq, j.event_seq, j.input
      ), told as (
        insert into public.automation_job_events (job_id, seq, attempt, type, data)
        select c.id, c.event_seq, c.attempt, 'state', '{"from": "pending", "to": "processing", "cause": {"code": "claimed"}}'
        from claimed c
      ), left_line as (
        -- Postgres keeps whole rows of what a delete joins, so these are short. With the user, whichever index the planner
        -- takes finds the row at once: by the queue alone, ready_jobs_turn_idx would be read to its end for each job.
        delete from gantry.ready_jobs r
        using (select c.queue_name, c.user_id, c.place, c.rank, c.seq from claimed c offset 0) c
        where r.queue_name = any (array[c.queue_name]) and r.user_id = any (array[c.user_id])
          and r.place = any (array[c.place]) and r.rank = any (array[c.rank]) and r.seq = any (array[c.seq])
      ), started as (
        insert into gantry.running_jobs (queue_name, attempt_started_at, job_id, user_id)
        select c.queue_name, v_started_at, c.id, c.user_id from claimed c
      )
      select j.id, j.attempt, j.attempts_used, j.max_attempts, j.user_id, j.service_id, j.queue_name, j.timeout_ms,
        -- Looked up only for jobs that may have it.
        coalesce(j.input, (select p.input from public.automation_job_payloads p where p.job_id = j.id)),
        case when j.attempt > 1 then (select p.checkpoint from public.automation_job_payloads p where p.job_id = j.id) end,
        j.upload_id, u.file_name, u.storage_key
      from claimed j
      left join public.automation_uploads u on u.id = any (array[j.upload_id])
      order by j.rank, j.seq;
    perform gantry.record_turns(v_first.queue_name, v_user_ids, v_now);
    v_left := v_left - cardinality(v_held);
    -- Each round reads the jobs that were passed by again, under the lock of the queue. Behind a hundred of them, other jobs
    -- wait until those are unlocked.
    v_rooms[v_first.n] := case when cardinality(v_passed_by) < 100 then v_first.room - cardinality(v_held) else 0 end;
    perform gantry.notify_events(v_held);
    -- Nothing was passed by, and there is no other queue.
    exit when cardinality(v_names) = 1 and cardinality(v_held) = cardinality(v_chosen);
  end loop;
end $$;
