create table public.automation_job_dependencies (
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  depends_on_job_id uuid not null references public.automation_jobs (id) on delete cascade,
  -- What happens to the job when the other one fails or is cancelled.
  on_failure text not null default 'fail' check (on_failure in ('fail', 'cancel', 'run')),
  -- The job still waits for the other one. `blocked_by` counts these. Both change under the lock of the job's row.
  is_open boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  primary key (job_id, depends_on_job_id),
  constraint automation_job_dependencies_self_check check (job_id <> depends_on_job_id)
);
create index automation_job_dependencies_depends_on_idx on public.automation_job_dependencies (depends_on_job_id);
comment on table public.automation_job_dependencies is
  'A job that runs after another. Only a new job gets dependencies, on existing jobs: so there is no cycle.';

-- Every job that the end of these may change: those that wait for one of them, and those that wait for one that will
-- not run because of it.
create function gantry.find_waiting(p_job_ids uuid[]) returns uuid[]
  language sql volatile set search_path = '' as $$
  with recursive waiting (id, falls) as (
    select d.job_id, d.on_failure <> 'run' from public.automation_job_dependencies d
    where d.depends_on_job_id = any (p_job_ids) and d.is_open
    union
    select d.job_id, d.on_failure <> 'run'
    from waiting w join public.automation_job_dependencies d on d.depends_on_job_id = w.id and d.is_open
    where w.falls
  )
  select coalesce(array_agg(distinct w.id), '{}') from waiting w
$$;

-- Closes the dependencies on those of these jobs that have finished. A job that waits for nothing more is ready, or will
-- be at its time. A job that a failure or a cancellation keeps from running ends, and so do the jobs that wait for it.
-- Each statement names the jobs by an array: a join alone, planned when there were few jobs, would read all of them.
create function gantry.settle_dependencies(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' as $$
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
  if p_job_ids is null then
    return;
  end if;
  -- All at once and in one order, so that no two ends wait for each other. Meanwhile a job may have been
  -- submitted that depends on one of them: then repeat. It can be locked last, since ids grow with time.
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
  -- If there are several reasons to end, failing comes before being cancelled.
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

  perform gantry.enter_line();
  with freed as (
    update public.automation_jobs j set
      blocked_by = j.blocked_by - f.n,
      is_ready = (j.blocked_by = f.n and j.run_at <= v_now), place = gantry.place_of(j.queue_name, j.rank),
      -- The wait for other jobs is not a wait in the queue. The job keeps its age.
      run_at = case when j.blocked_by = f.n then greatest(j.run_at, v_now) else j.run_at end
    from unnest(v_freed, v_counts) f (id, n) where j.id = f.id and j.id = any (v_freed)
    returning j.queue_name, j.place, j.rank, j.seq, j.id, j.user_id, j.service_id, j.priority, j.is_ready
  ), joined_line as (
    insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
    select f.queue_name, f.place, f.rank, f.seq, f.id, f.user_id, f.service_id, f.priority from freed f where f.is_ready
  )
  select array_agg(distinct f.queue_name) into v_queues from freed f where f.is_ready;

  -- A job that ends no longer waits for others.
  update public.automation_job_dependencies d set is_open = false where d.job_id = any (v_fallen) and d.is_open;
  with ended as (
    update public.automation_jobs j set
      status = f.status, status_reason = 'dependency_failed', failed_dependency_id = f.cause_id,
      event_seq = j.event_seq + 1, blocked_by = 0, error_code = 'DEPENDENCY_FAILED', error_message = null,
      finished_at = v_now, expires_at = v_now + v_result_ttl
    from unnest(v_fallen, v_causes, v_ends) f (id, cause_id, status)
    where j.id = f.id and j.id = any (v_fallen)
    returning j.id, j.status, j.status_reason, j.failed_dependency_id, j.attempt, j.event_seq, j.error_code, j.expires_at
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select e.id, e.event_seq, e.attempt, 'state',
      gantry.state_event('pending', e.status, e.status_reason, e.error_code, null, e.failed_dependency_id)
    from ended e
  )
  insert into gantry.expiring_jobs (expires_at, job_id) select e.expires_at, e.id from ended e;

  perform gantry.notify_events(v_fallen || v_freed);
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
end $$;

-- Opens the dependencies of a failed job that is retried, on jobs that will run again. Returns how many are open, or
-- raises GQ012 if one of them has failed.
create function gantry.reopen_dependencies(p_job_id uuid) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_depends_on uuid[] := array(
    select d.depends_on_job_id from public.automation_job_dependencies d where d.job_id = p_job_id);
  v_count integer;
begin
  -- Locked, so that none of them ends meanwhile. By an array, as in settle_dependencies.
  perform from public.automation_jobs j where j.id = any (v_depends_on) order by j.id for share;
  if exists (
    select from public.automation_job_dependencies d join public.automation_jobs j on j.id = d.depends_on_job_id
    where d.job_id = p_job_id and j.id = any (v_depends_on) and d.on_failure <> 'run' and j.status in ('failed', 'cancelled')
  ) then
    raise exception using errcode = 'GQ012', message = 'DEPENDENCY_UNMET';
  end if;
  update public.automation_job_dependencies d set is_open = true
  from public.automation_jobs j
  where d.job_id = p_job_id and j.id = d.depends_on_job_id and j.id = any (v_depends_on) and j.finished_at is null;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- The results of a job are kept while a job that depends on it may still run.
create function gantry.is_needed(p_job_id uuid, p_now timestamptz) returns boolean
  language sql stable set search_path = '' as $$
  select exists (
    select from public.automation_job_dependencies d join public.automation_jobs j on j.id = d.job_id
    where d.depends_on_job_id = p_job_id
      and (j.finished_at is null or j.status = 'failed' and j.expires_at > p_now))
$$;
