-- Moves the waiting jobs of a service to the queue that it is in now.

-- How many jobs of a service wait, ready or not, in another queue than the one given, or (null) than the one that its
-- code names.
create function gantry.count_waiting_elsewhere(p_service_id text, p_queue_name text) returns integer
  language sql stable set search_path = '' as $$
  with target as (
    select coalesce(p_queue_name, s.published_queue_name) as name from public.automation_services s
    where s.id = p_service_id
  )
  select (
    (select count(*) from gantry.ready_jobs r, target t
      where r.service_id = p_service_id and r.queue_name <> t.name)
    + (select count(*) from public.automation_jobs j, target t
      where j.is_waiting and j.service_id = p_service_id and j.queue_name <> t.name))::integer
$$;

-- Some of the jobs of a service that wait in another queue than the one that the service is in.
create function gantry.find_waiting_elsewhere(p_service_id text, p_limit integer) returns uuid[]
  language sql stable set search_path = '' as $$
  select array(
    select w.id from (
      select r.job_id as id, r.seq from gantry.ready_jobs r, public.automation_services s
      where s.id = p_service_id and r.service_id = s.id and r.queue_name <> s.queue_name
      union all
      select j.id, j.seq from public.automation_jobs j, public.automation_services s
      where s.id = p_service_id and j.is_waiting and j.service_id = s.id and j.queue_name <> s.queue_name
    ) w order by w.seq limit p_limit)
$$;

-- Moves those of these jobs that still wait to the queue that their service is in, at the age that they have there.
-- Returns how many. A job that another transaction holds at this moment is left for the next call.
create function gantry.move_waiting_jobs(p_service_id text, p_job_ids uuid[]) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_queue_name text;
  v_to public.automation_queues;
  v_names text[];
  v_held uuid[];
  v_count integer;
begin
  -- Locked, so that the service keeps its queue, and the queue is not deleted, until the jobs are in it. The queue is
  -- read after the lock: a join could use the queue that the service had before.
  select s.queue_name into v_queue_name from public.automation_services s where s.id = p_service_id for share;
  if not found then
    raise exception using errcode = 'GQ004', message = 'SERVICE_NOT_FOUND',
      detail = jsonb_build_object('serviceId', p_service_id);
  end if;
  select * into strict v_to from public.automation_queues q where q.name = v_queue_name;
  select array_agg(distinct j.queue_name) || v_to.name into v_names
  from public.automation_jobs j where j.id = any (p_job_ids);
  -- A claim reads a queue and takes its jobs under its lock. While both queues are locked here, no claim finds a job in
  -- one and counts it against the limit of the other. In the order in which claims lock them.
  perform pg_advisory_xact_lock(gantry.queue_lock_class(), n.key)
  from (select distinct hashtext(q.name) as key from unnest(v_names) q (name) order by key) n;
  -- Skips jobs that another transaction has locked: it may wait for the locks above.
  v_held := array(
    select j.id from public.automation_jobs j
    where j.id = any (p_job_ids) and j.service_id = p_service_id and j.status = 'pending'
      and j.queue_name <> v_to.name and j.queue_name = any (v_names)
    for no key update skip locked);
  perform gantry.enter_line();
  with places as materialized (
    select j.id, j.queue_name, j.user_id, j.place, j.rank, j.seq, j.is_ready,
      j.rank + gantry.milliseconds(j.priority * (q.priority_head_start_ms - v_to.priority_head_start_ms)) as new_rank
    from public.automation_jobs j join public.automation_queues q on q.name = j.queue_name where j.id = any (v_held)
  ), moved as (
    update public.automation_jobs j set
      queue_name = v_to.name,
      rank = p.new_rank, place = gantry.place_of(v_to.name, p.new_rank)
    from places p where j.id = any (array[p.id])
    returning j.queue_name, j.place, j.rank, j.seq, j.id, j.user_id, j.service_id, j.priority, j.is_ready
  ), left_line as (
    delete from gantry.ready_jobs r
    using (select p.queue_name, p.user_id, p.place, p.rank, p.seq from places p where p.is_ready offset 0) p
    where r.queue_name = any (array[p.queue_name]) and r.user_id = any (array[p.user_id])
      and r.place = any (array[p.place]) and r.rank = any (array[p.rank]) and r.seq = any (array[p.seq])
  ), joined_line as (
    insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
    select m.queue_name, m.place, m.rank, m.seq, m.id, m.user_id, m.service_id, m.priority from moved m where m.is_ready
  )
  select count(*) into v_count from moved;
  perform pg_notify('gantry_jobs', v_to.name);
  return v_count;
end $$;
