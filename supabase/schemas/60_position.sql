-- How many jobs are ahead of one in its queue in the order of rank, counted up to p_most, and by service
-- (`{service: jobs}`): the first two hundred are a sample of their services.
create function gantry.jobs_ahead(
  p_queue_name text, p_rank timestamptz, p_seq bigint, p_most integer, out jobs integer, out by_service jsonb
)
  language plpgsql stable set search_path = '' as $$
declare
  v_start timestamptz := (gantry.starts_of(p_queue_name)).first_place;
  -- No job of a lower rank has a higher place.
  v_place timestamptz := gantry.place_of(p_queue_name, p_rank);
begin
  -- In two steps, since comparing pairs takes a quarter longer.
  select count(*) into jobs from (
    select from gantry.ready_jobs j
    where j.queue_name = p_queue_name and j.place between v_start and v_place and j.rank < p_rank
    order by j.place, j.rank, j.seq limit p_most) a;
  if jobs < p_most then
    select jobs + count(*) into jobs from (
      select from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.place = v_place and j.rank = p_rank and j.seq < p_seq
      limit p_most - jobs) a;
  end if;
  select coalesce(jsonb_object_agg(s.service_id, (s.share * jobs)::integer), '{}') into by_service from (
    select f.service_id, count(*) / sum(count(*)) over () as share from (
      select j.service_id from gantry.ready_jobs j
      where j.queue_name = p_queue_name and j.place between v_start and v_place and (j.rank, j.seq) < (p_rank, p_seq)
      order by j.place, j.rank, j.seq limit least(jobs, 200)) f
    group by f.service_id) s;
end $$;

-- The jobs that would be claimed before this one, as choose_jobs chooses: where several run at once, as if every slot
-- came free now, else one after the other. Null when that would be too many to read (more than p_most users, or jobs of
-- one), and when only one user waits: then the order is that of rank.
create function gantry.jobs_ahead_by_turns(
  p_job public.automation_jobs, p_is_one_at_a_time boolean, p_most integer, out jobs integer, out by_service jsonb
) language plpgsql stable set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_head_start_ms integer;
  v_turn integer;
  v_user_id uuid;
  v_user_ids uuid[] := '{}';
  v_last integer;
  v_start record;
begin
  select * into v_start from gantry.starts_of(p_job.queue_name);
  select count(*) + 1 into v_turn from (
    select from gantry.ready_jobs j
    where j.queue_name = p_job.queue_name and j.user_id = p_job.user_id
      and j.place between v_start.first_place and gantry.place_of(p_job.queue_name, p_job.rank)
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
  where j.queue_name = p_job.queue_name and j.place >= v_start.first_place order by j.user_id limit 1;
  while v_user_id is not null loop
    if cardinality(v_user_ids) = p_most then
      return;
    end if;
    v_user_ids := v_user_ids || v_user_id;
    select (select j.user_id from gantry.ready_jobs j
      where j.queue_name = p_job.queue_name and j.user_id > v_user_id and j.place >= v_start.first_place
      order by j.user_id limit 1) into v_user_id;
  end loop;
  if p_is_one_at_a_time and v_user_ids <@ array[p_job.user_id] then
    return;
  end if;
  select q.priority_head_start_ms into v_head_start_ms from public.automation_queues q where q.name = p_job.queue_name;

  with waiting as (
    select u.id as user_id, c.job_id, c.service_id, c.priority, c.rank, c.seq from unnest(v_user_ids) u (id)
    cross join lateral (
      select j.job_id, j.service_id, j.priority, j.rank, j.seq from gantry.ready_jobs j
      where j.queue_name = p_job.queue_name and j.user_id = u.id and j.place >= v_start.first_place and j.job_id <> p_job.id
      order by j.place, j.rank, j.seq limit case when p_is_one_at_a_time then p_most else v_turn end) c
    -- It may not be ready yet.
    union all select p_job.user_id, p_job.id, p_job.service_id, p_job.priority, p_job.rank, p_job.seq
  ), numbered as (
    select w.*, row_number() over (partition by w.user_id order by w.rank, w.seq) as n from waiting w
  ), ranked as (
    -- Once one of them was claimed, the age of the user's next job counts from now.
    select w.*, case when p_is_one_at_a_time then 0 else coalesce(running.jobs, 0) + w.n end as turn,
      gantry.turn_rank(w.rank, case w.n when 1 then served.served_at else v_now end, w.priority, v_head_start_ms) as turn_rank
    from numbered w
    left join (
      select j.user_id, count(*) as jobs from gantry.running_jobs j
      where j.queue_name = p_job.queue_name and j.attempt_started_at >= v_start.first_attempt group by j.user_id
    ) running on running.user_id = w.user_id
    left join gantry.turns_of(p_job.queue_name, v_now) served on served.user_id = w.user_id
  ), in_order as (
    -- No job goes before an earlier one of its user. A job with a lower turn rank follows the earlier one at once.
    select r.*, p_is_one_at_a_time and coalesce(r.turn_rank < max(r.turn_rank) over (
      partition by r.user_id order by r.n rows between unbounded preceding and 1 preceding), false) as follows
    from ranked r
  ), placed as (
    -- If the ages of two jobs count from now, the user who was served earlier goes first: so a place is the list of all
    -- ranks back to the first.
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
