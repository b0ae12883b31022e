-- One row: how many jobs had which status when they were last counted, and how long the count took.
create table gantry.job_figures (
  is_only boolean primary key default true check (is_only),
  figures jsonb not null default '{}',
  counted_at timestamptz not null default '-infinity',
  took interval not null default '0'
);
insert into gantry.job_figures default values;

-- Counts every job, along indexes where there is one.
create function gantry.count_jobs() returns jsonb
  language sql stable set search_path = '' as $$
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
    from public.automation_jobs j where j.is_unsuccessful
  ), queues as (
    select q.name, coalesce(p.jobs, 0) as pending, coalesce(r.jobs, 0) as processing, (
      -- Lower ranks are older, except for the head start of a priority: so the oldest is among the first.
      select min(j.run_at) from (
        select r.job_id from gantry.ready_jobs r where r.queue_name = q.name
        order by r.place, r.rank, r.seq limit 100) f join public.automation_jobs j on j.id = f.job_id) as oldest
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

-- Figures of the whole queue, with the time of their count. A caller that finds them too old counts again, one caller at
-- a time. They are too old after twenty times as long as the count took. Queues are as they are now. Reveals no id, and
-- nothing about a single job.
create function gantry.queue_info() returns jsonb
  language plpgsql volatile set search_path = '' as $$
declare
  c_lock_class constant integer := gantry.figures_lock_class();
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
    -- Another session counts for the first time: use its figures.
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
