-- Jobs that wait for other jobs, jobs made from an earlier one, tags, and how many unfinished jobs a user may have.

alter table public.automation_jobs
  -- How many of its dependencies are open. A job with one is pending and not ready.
  add column blocked_by integer not null default 0 check (blocked_by >= 0),
  -- Other jobs wait for this one, or have: spares the end of every other job a look at the dependencies.
  add column has_dependents boolean not null default false,
  -- The finished job that this one repeats.
  add column rerun_of uuid references public.automation_jobs (id) on delete set null,
  add constraint automation_jobs_blocked_check check (blocked_by = 0 or (status = 'pending' and not is_ready));
create index automation_jobs_rerun_of_idx on public.automation_jobs (rerun_of) where rerun_of is not null;

-- ---------------------------------------------------------------------------------------------------------
-- Dependencies
-- ---------------------------------------------------------------------------------------------------------

create table public.automation_job_dependencies (
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  depends_on_job_id uuid not null references public.automation_jobs (id) on delete cascade,
  -- What becomes of the job when the other one fails or is cancelled.
  on_failure text not null default 'fail' check (on_failure in ('fail', 'cancel', 'run')),
  -- The job still waits for the other one. `blocked_by` counts these; both change under the lock of the job's row.
  is_open boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  primary key (job_id, depends_on_job_id),
  constraint automation_job_dependencies_self_check check (job_id <> depends_on_job_id)
);
create index automation_job_dependencies_depends_on_idx on public.automation_job_dependencies (depends_on_job_id);
comment on table public.automation_job_dependencies is
  'A job that runs after another. Only a new job gets dependencies, on jobs that are there: so there is no cycle.';

alter table public.automation_job_dependencies enable row level security;
revoke all on public.automation_job_dependencies from anon, authenticated, service_role;
grant select on public.automation_job_dependencies to authenticated;
grant select, insert, update on public.automation_job_dependencies to service_role;
create policy "of jobs one may see" on public.automation_job_dependencies for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));

-- Every job that the end of these may change: those that wait for one of them, and those that wait for one that will
-- not run because of it.
create function gantry.find_waiting(p_job_ids uuid[]) returns uuid[]
  language sql volatile set search_path = '' set enable_seqscan = off as $$
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

-- Closes the dependencies on those of these jobs that have finished. Who waits for nothing more is ready, or will be
-- when its time comes; whom a failure or a cancellation keeps from running ends, and who waits for that one likewise.
create function gantry.settle_dependencies(p_job_ids uuid[]) returns void
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
    where d.depends_on_job_id = any (p_job_ids) and d.is_open and d.on_failure <> 'run'
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
    where j.id = d.depends_on_job_id and d.is_open
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
    from unnest(v_freed, v_counts) f (id, n) where j.id = f.id
    returning j.queue_name, j.is_ready
  )
  select array_agg(distinct f.queue_name) into v_queues from freed f where f.is_ready;

  update public.automation_jobs j set
    status = f.status, status_reason = 'dependency failed', error_code = 'DEPENDENCY_FAILED',
    error_message = format('Job %s, which this one depends on, did not complete.', f.cause_id),
    finished_at = v_now, expires_at = v_now + v_result_ttl
  from unnest(v_fallen, v_causes, v_ends) f (id, cause_id, status) where j.id = f.id;

  perform gantry.tell_events(v_fallen || v_freed);
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
end $$;

create function gantry.settle_ended() returns trigger
  language plpgsql set search_path = '' as $$
declare
  v_ended uuid[];
begin
  select array_agg(n.id) into v_ended from after_update n where n.has_dependents and n.finished_at is not null;
  if v_ended is not null then
    perform gantry.settle_dependencies(v_ended);
  end if;
  return null;
end $$;
create trigger settle_ended after update on public.automation_jobs
  referencing new table as after_update
  for each statement execute function gantry.settle_ended();

-- A job that ends while it waits, waits no more.
create function gantry.close_dependencies() returns trigger
  language plpgsql set search_path = '' as $$
begin
  update public.automation_job_dependencies d set is_open = false where d.job_id = new.id and d.is_open;
  new.blocked_by := 0;
  return new;
end $$;
create trigger close_dependencies before update of status on public.automation_jobs
  for each row when (old.blocked_by > 0 and new.status <> 'pending')
  execute function gantry.close_dependencies();

-- A failed job that is retried waits again for those of its dependencies that run again, and cannot run before they
-- have what they are to give.
create function gantry.reopen_dependencies() returns trigger
  language plpgsql set search_path = '' as $$
begin
  -- So that none of them ends unseen.
  perform from public.automation_jobs j
  where j.id in (select d.depends_on_job_id from public.automation_job_dependencies d where d.job_id = new.id)
  order by j.id for share;
  if exists (
    select from public.automation_job_dependencies d join public.automation_jobs j on j.id = d.depends_on_job_id
    where d.job_id = new.id and d.on_failure <> 'run' and j.status in ('failed', 'cancelled')
  ) then
    raise exception 'A job that this one depends on did not complete.' using errcode = 'GQ012';
  end if;
  with reopened as (
    update public.automation_job_dependencies d set is_open = true
    from public.automation_jobs j
    where d.job_id = new.id and j.id = d.depends_on_job_id and j.finished_at is null
    returning d.job_id
  )
  select count(*) into new.blocked_by from reopened r;
  new.is_ready := new.is_ready and new.blocked_by = 0;
  return new;
end $$;
create trigger reopen_dependencies before update of status on public.automation_jobs
  for each row when (old.status = 'failed' and new.status = 'pending')
  execute function gantry.reopen_dependencies();

-- Blocked jobs are not due, whatever their time is.
drop index public.automation_jobs_due_idx;
create index automation_jobs_due_idx on public.automation_jobs (run_at)
  where status = 'pending' and not is_ready and blocked_by = 0;

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
  where j.status = 'pending' and not j.is_ready and j.blocked_by = 0 order by j.run_at limit 1;
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
      where j.status = 'pending' and not j.is_ready and j.blocked_by = 0 and j.run_at <= v_now
      order by j.run_at limit p_limit for update skip locked)
    returning queue_name
  ), told as (
    select pg_notify('gantry_jobs', p.queue_name), p.jobs
    from (select queue_name, count(*) as jobs from promoted group by queue_name) p
  )
  select coalesce(sum(told.jobs), 0)::integer into v_count from told;
  return v_count;
end $$;

-- What a job found stays as long as one that depends on it may still run.
create function gantry.is_needed(p_job_id uuid, p_now timestamptz) returns boolean
  language sql stable set search_path = '' as $$
  select exists (
    select from public.automation_job_dependencies d join public.automation_jobs j on j.id = d.job_id
    where d.depends_on_job_id = p_job_id
      and (j.finished_at is null or j.status = 'failed' and j.expires_at > p_now))
$$;

create or replace function gantry.find_expired_jobs(p_limit integer) returns table (job_id uuid, storage_keys text[])
  language plpgsql stable set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
begin
  return query
    select j.id, array_remove(array_agg(a.storage_key), null)
    from (
      select e.id from public.automation_jobs e
      where e.expires_at <= v_now and not (e.has_dependents and gantry.is_needed(e.id, v_now))
      order by e.expires_at limit p_limit
    ) j left join public.automation_job_artifacts a on a.job_id = j.id
    group by j.id;
end $$;

create or replace function gantry.delete_expired_jobs(p_job_ids uuid[]) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_count integer;
begin
  delete from public.automation_jobs j
  where j.id = any (p_job_ids) and j.expires_at <= v_now
    and not (j.has_dependents and gantry.is_needed(j.id, v_now));
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Tags
-- ---------------------------------------------------------------------------------------------------------

create function gantry.are_tags(p_tags text[]) returns boolean
  language sql immutable set search_path = '' as $$
  select cardinality(p_tags) between 1 and 10 and array_ndims(p_tags) = 1
    and not exists (select from unnest(p_tags) t (tag) where t.tag is null or length(t.tag) not between 1 and 40)
$$;

alter table public.automation_jobs
  -- Null for none: most jobs have none, and then it takes no room. The function is not called for them: the check runs at
  -- every update of a job.
  add column tags text[] check (tags is null or gantry.are_tags(tags));
-- A tag of few among many jobs; jobs without any have no entry.
create index automation_jobs_tags_idx on public.automation_jobs using gin (tags) where tags is not null;

-- ---------------------------------------------------------------------------------------------------------
-- How many unfinished jobs a user may have
-- ---------------------------------------------------------------------------------------------------------

-- So many jobs a user may submit until they are counted again. In shares, so that submissions of one user need not
-- wait for each other: each takes from one that is free and holds it until it is committed. To count, all are taken.
create table gantry.job_allowances (
  user_id uuid not null references auth.users (id) on delete cascade,
  share smallint not null,
  jobs integer not null check (jobs >= 0),
  -- What it was made for: another limit is another count.
  max_unfinished integer not null,
  primary key (user_id, share)
);
alter table gantry.job_allowances enable row level security;
grant select, insert, update, delete on gantry.job_allowances to service_role;

-- To count the waiting jobs of a user; the ready and the running ones have their indexes.
create index automation_jobs_waiting_idx on public.automation_jobs (user_id) where status = 'pending' and not is_ready;

create function gantry.count_unfinished_jobs(p_user_id uuid) returns integer
  language sql stable set search_path = '' as $$
  select (
      select count(*) from public.automation_jobs j where j.user_id = p_user_id and j.status = 'pending' and not j.is_ready
    )::integer + coalesce((
      select sum(ready.jobs + running.jobs)
      from public.automation_queues q
      cross join lateral (select count(*) as jobs from public.automation_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id and j.is_ready) ready
      cross join lateral (select count(*) as jobs from public.automation_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id and j.status = 'processing') running), 0)::integer
$$;

-- Lets a user submit so many jobs, or fewer when they would have too many unfinished ones. Returns how many. Jobs that
-- have finished since the last count are found when the allowance is used up: till then it is on the safe side.
create function gantry.allow_jobs(p_user_id uuid, p_count integer, p_max_unfinished integer) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_shares constant integer := 8;
  v_room integer;
  v_allowed integer;
begin
  update gantry.job_allowances a set jobs = a.jobs - p_count
  where (a.user_id, a.share) = (
    select c.user_id, c.share from gantry.job_allowances c
    where c.user_id = p_user_id and c.jobs >= p_count and c.max_unfinished = p_max_unfinished
    limit 1 for no key update skip locked);
  if found then
    return p_count;
  end if;
  insert into gantry.job_allowances (user_id, share, jobs, max_unfinished)
  select p_user_id, s.n, 0, p_max_unfinished from generate_series(1, v_shares) s (n)
  on conflict do nothing;
  perform from gantry.job_allowances a where a.user_id = p_user_id order by a.share for no key update;
  v_room := greatest(0, p_max_unfinished - gantry.count_unfinished_jobs(p_user_id));
  v_allowed := least(p_count, v_room);
  v_room := v_room - v_allowed;
  update gantry.job_allowances a
  set jobs = v_room / v_shares + (a.share <= v_room % v_shares)::integer, max_unfinished = p_max_unfinished
  where a.user_id = p_user_id;
  return v_allowed;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Submit
-- ---------------------------------------------------------------------------------------------------------

-- Submits jobs as gantry.submit_jobs does, with more to each: `dependsOn` [{jobId, onFailure}], `tags`, `rerunOf`. One
-- that depends on a job which is not there, or is not its user's, is refused, and so is one too many for its user.
create function gantry.submit_linked_jobs(p_jobs jsonb, p_max_unfinished integer default null)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = '' set enable_seqscan = off as $$
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
    -- None of them ends unseen from here on.
    perform from public.automation_jobs j
    where j.id = any (v_depended_on)
      and j.user_id in (select u."userId" from jsonb_to_recordset(p_jobs) u ("userId" uuid))
    order by j.id for no key update;
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
-- Cancel and retry many
-- ---------------------------------------------------------------------------------------------------------

-- Cancels those that have not finished. Returns how many.
create function gantry.cancel_jobs(p_job_ids uuid[], p_reason text, p_result_ttl_ms bigint) returns integer
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_job_id uuid;
  v_count integer := 0;
begin
  -- All that this may change, in the order in which ends of attempts lock: what runs, then what waits, each by id.
  perform from public.automation_jobs j
  where j.id = any (p_job_ids) and j.status = 'processing' order by j.id for no key update;
  perform from public.automation_jobs j
  where j.id = any (p_job_ids || gantry.find_waiting(p_job_ids)) and j.status = 'pending'
  order by j.id for no key update;
  foreach v_job_id in array p_job_ids loop
    -- One may have ended with another that it depends on.
    if exists (select from public.automation_jobs j where j.id = v_job_id and j.finished_at is null) then
      perform gantry.cancel_job(v_job_id, p_reason, p_result_ttl_ms);
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end $$;

-- Retries those that failed, in the order given, and can be retried. Returns how many.
create function gantry.retry_jobs(p_job_ids uuid[], p_reason text) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job_id uuid;
  v_count integer := 0;
begin
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

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
