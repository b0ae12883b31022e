-- Makes the jobs ready whose time has come, and notifies workers. Returns how many.
create function gantry.promote_due_jobs(p_limit integer default 1000) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_first timestamptz;
  v_count integer;
begin
  -- Mostly none is due, and then a claim does without a statement that writes. Asking for the first one, rather than
  -- whether one exists, keeps the planner from reading all waiting jobs by another index.
  select j.run_at into v_first from public.automation_jobs j
  where j.is_waiting and j.blocked_by = 0 order by j.run_at limit 1;
  if v_first is null or v_first > v_now then
    return 0;
  end if;
  -- One at a time. A second caller would lock the same jobs without changing them, and wait with these locks for the
  -- lock of the queue while its holder waits for the jobs.
  if not pg_try_advisory_xact_lock(gantry.promotion_lock_class(), 0) then
    return 0;
  end if;
  perform gantry.enter_line();
  with promoted as (
    update public.automation_jobs set is_ready = true, place = gantry.place_of(queue_name, rank)
    where id in (
      select j.id from public.automation_jobs j
      where j.is_waiting and j.blocked_by = 0 and j.run_at <= v_now
      order by j.run_at limit p_limit for update skip locked)
    returning queue_name, place, rank, seq, id, user_id, service_id, priority
  ), joined_line as (
    insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
    select p.queue_name, p.place, p.rank, p.seq, p.id, p.user_id, p.service_id, p.priority from promoted p
  ), told as (
    select pg_notify('gantry_jobs', p.queue_name), p.jobs
    from (select queue_name, count(*) as jobs from promoted group by queue_name) p
  )
  select coalesce(sum(told.jobs), 0)::integer into v_count from told;
  return v_count;
end $$;
