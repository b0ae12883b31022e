-- The automation job queue: tables, constraints, row level security and the functions that move a job.
--
-- People read their own rows through the policies below; only the service role writes, and it writes the
-- state of a job through the functions of the private schema `gantry`. Every grant is explicit.

create schema gantry;
revoke all on schema gantry from public;
grant usage on schema gantry to service_role;

-- ---------------------------------------------------------------------------------------------------------
-- Tables
-- ---------------------------------------------------------------------------------------------------------

create table public.automation_queues (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  -- null: no limit
  concurrency_limit integer default 1 check (concurrency_limit between 0 and 10000),
  is_paused boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.automation_queues is
  'A named resource with a concurrency limit that holds across all workers.';

create table public.automation_services (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 120),
  description text not null check (length(description) <= 2000),
  category text not null check (length(category) between 1 and 60),
  queue_name text not null references public.automation_queues (name),
  version text not null check (length(version) between 1 and 40),
  input_schema jsonb not null check (jsonb_typeof(input_schema) = 'object'),
  accepted_files jsonb check (jsonb_typeof(accepted_files) = 'object'),
  timeout_ms integer not null check (timeout_ms between 1000 and 86400000),
  max_attempts integer not null check (max_attempts between 1 and 100),
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index automation_services_queue_name_idx on public.automation_services (queue_name);
comment on table public.automation_services is
  'What a user can pick. Workers publish their automations here, so nothing else needs to know them.';

create table public.automation_workers (
  id uuid primary key,
  host text not null check (length(host) <= 255),
  pid integer not null,
  version text not null check (length(version) <= 40),
  services text[] not null,
  concurrency integer not null check (concurrency between 1 and 1000),
  status text not null default 'active' check (status in ('active', 'draining', 'stopped', 'lost')),
  -- The key of the advisory lock that the worker's session holds: a free lock is a dropped session.
  session_key integer not null,
  session_lost_at timestamptz,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  stopped_at timestamptz,
  constraint automation_workers_stopped_check check ((status in ('stopped', 'lost')) = (stopped_at is not null))
);
create unique index automation_workers_live_session_idx on public.automation_workers (session_key)
  where status in ('active', 'draining');

create table public.automation_uploads (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  storage_key text not null unique check (length(storage_key) <= 500),
  file_name text not null check (length(file_name) between 1 and 200),
  content_type text not null check (length(content_type) <= 200),
  size_bytes bigint not null check (size_bytes > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  row_count integer not null check (row_count >= 0),
  created_at timestamptz not null default now()
);
create index automation_uploads_user_id_idx on public.automation_uploads (user_id);
create index automation_uploads_created_at_idx on public.automation_uploads (created_at);

-- The hot table: narrow on purpose. Input, checkpoint and summary stand in automation_job_payloads.
create table public.automation_jobs (
  id uuid primary key default gen_random_uuid(),
  -- Age within one priority. Not commit order.
  seq bigint generated always as identity unique,
  user_id uuid not null references auth.users (id) on delete cascade,
  service_id text not null references public.automation_services (id),
  queue_name text not null references public.automation_queues (name),
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  -- Why the job is in this status, in a word or two ('submitted', 'claimed', 'lease expired', ...).
  status_reason text not null default 'submitted',
  priority smallint not null default 0 check (priority between 0 and 2),
  run_at timestamptz not null default now(),
  -- Pending and due: only such jobs are in the index that claims walk.
  is_ready boolean not null default true,
  -- Number of the current or last attempt. It only grows, so (id, attempt) is the fencing token.
  attempt integer not null default 0 check (attempt >= 0),
  -- Attempts that count against max_attempts: one given back by a draining worker does not.
  attempts_used integer not null default 0 check (attempts_used >= 0),
  max_attempts integer not null check (max_attempts between 1 and 100),
  timeout_ms integer not null check (timeout_ms between 1000 and 86400000),
  worker_id uuid references public.automation_workers (id),
  lease_expires_at timestamptz,
  progress_done integer check (progress_done >= 0),
  progress_total integer check (progress_total >= 0),
  step text check (length(step) <= 200),
  error_code text check (length(error_code) <= 80),
  error_message text check (length(error_message) <= 2000),
  upload_id uuid references public.automation_uploads (id),
  idempotency_key text check (length(idempotency_key) between 1 and 200),
  payload_sha256 text check (payload_sha256 ~ '^[0-9a-f]{64}$'),
  -- Number of the job's last event: taken under the row's lock, so the events of a job have no gap.
  event_seq integer not null default 1,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  attempt_started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  constraint automation_jobs_attempts_check check (attempts_used <= max_attempts and attempts_used <= attempt),
  constraint automation_jobs_ready_check check (not is_ready or status = 'pending'),
  constraint automation_jobs_lease_check check (
    (status = 'processing') = (worker_id is not null)
    and (status = 'processing') = (lease_expires_at is not null)),
  constraint automation_jobs_started_check check (status <> 'processing' or attempt_started_at is not null),
  constraint automation_jobs_finished_check check (
    (status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)
    and (finished_at is null) = (expires_at is null)),
  constraint automation_jobs_error_check check (
    (error_code is null) = (error_message is null) and (status <> 'failed' or error_code is not null)),
  constraint automation_jobs_idempotency_check check ((idempotency_key is null) = (payload_sha256 is null)),
  constraint automation_jobs_idempotency_key unique (user_id, idempotency_key)
);
-- HOT updates of progress need room on the page.
alter table public.automation_jobs set (fillfactor = 80);
-- By queue first: a claim must not walk past the jobs of queues that are full.
create index automation_jobs_ready_idx on public.automation_jobs (queue_name, priority desc, seq)
  include (service_id) where is_ready;
create index automation_jobs_due_idx on public.automation_jobs (run_at) where status = 'pending' and not is_ready;
create index automation_jobs_processing_idx on public.automation_jobs (lease_expires_at) where status = 'processing';
create index automation_jobs_worker_id_idx on public.automation_jobs (worker_id) where worker_id is not null;
create index automation_jobs_expires_at_idx on public.automation_jobs (expires_at) where expires_at is not null;
create index automation_jobs_user_id_idx on public.automation_jobs (user_id, seq desc);
create index automation_jobs_status_idx on public.automation_jobs (status, seq desc);
create index automation_jobs_service_id_idx on public.automation_jobs (service_id);
create index automation_jobs_upload_id_idx on public.automation_jobs (upload_id) where upload_id is not null;

create table public.automation_job_payloads (
  job_id uuid primary key references public.automation_jobs (id) on delete cascade,
  input jsonb not null,
  checkpoint jsonb,
  summary jsonb
);

create table public.automation_job_events (
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  seq integer not null check (seq > 0),
  attempt integer not null,
  type text not null check (type in ('state', 'progress', 'step', 'log', 'row', 'artifact')),
  data jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (job_id, seq)
);

create table public.automation_job_rows (
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  row_index integer not null check (row_index >= 0),
  row_key text not null,
  status text not null check (status in ('completed', 'failed', 'invalid', 'duplicate')),
  data jsonb not null check (jsonb_typeof(data) = 'object'),
  error_code text,
  error_message text,
  attempt integer not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (job_id, row_index),
  constraint automation_job_rows_error_check check ((error_code is null) = (error_message is null))
);
comment on table public.automation_job_rows is
  'The answer for each row of the uploaded file, once: what a retry need not do again.';

create table public.automation_job_artifacts (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  attempt integer not null,
  name text not null check (length(name) between 1 and 200 and name !~ '[/\\[:cntrl:]]'),
  content_type text not null check (length(content_type) <= 200),
  size_bytes bigint not null check (size_bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_key text not null unique check (length(storage_key) <= 500),
  row_index integer check (row_index >= 0),
  created_at timestamptz not null default clock_timestamp(),
  unique (job_id, attempt, name)
);

create table public.job_execution_metrics (
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  attempt integer not null,
  service_id text not null references public.automation_services (id),
  worker_id uuid references public.automation_workers (id) on delete set null,
  outcome text not null check (outcome in ('completed', 'retry', 'failed', 'cancelled', 'released', 'lost')),
  queue_wait_ms integer not null check (queue_wait_ms >= 0),
  run_ms integer not null check (run_ms >= 0),
  browser_launch_ms integer check (browser_launch_ms >= 0),
  browser_peak_memory_bytes bigint check (browser_peak_memory_bytes >= 0),
  created_at timestamptz not null default clock_timestamp(),
  primary key (job_id, attempt)
);
create index job_execution_metrics_service_idx on public.job_execution_metrics (service_id, created_at desc);
create index job_execution_metrics_worker_idx on public.job_execution_metrics (worker_id);

-- One row for each job that may run at the same time in a queue with a limit. A slot is held by an attempt
-- and, since its worker may die, only until a time; taking a row lock on it is what makes the limit exact.
create table gantry.queue_slots (
  queue_name text not null references public.automation_queues (name) on delete cascade on update cascade,
  slot_number integer not null check (slot_number > 0),
  job_id uuid,
  attempt integer,
  held_until timestamptz,
  primary key (queue_name, slot_number),
  constraint queue_slots_held_check check (
    (job_id is null) = (attempt is null) and (job_id is null) = (held_until is null))
);
create unique index queue_slots_job_id_idx on gantry.queue_slots (job_id, attempt) where job_id is not null;

-- ---------------------------------------------------------------------------------------------------------
-- Who may see what
-- ---------------------------------------------------------------------------------------------------------

alter table public.automation_queues enable row level security;
alter table public.automation_services enable row level security;
alter table public.automation_workers enable row level security;
alter table public.automation_uploads enable row level security;
alter table public.automation_jobs enable row level security;
alter table public.automation_job_payloads enable row level security;
alter table public.automation_job_events enable row level security;
alter table public.automation_job_rows enable row level security;
alter table public.automation_job_artifacts enable row level security;
alter table public.job_execution_metrics enable row level security;
alter table gantry.queue_slots enable row level security;

-- Supabase installations differ in what they grant by default; start from nothing everywhere.
revoke all on public.automation_queues, public.automation_services, public.automation_workers,
  public.automation_uploads, public.automation_jobs, public.automation_job_payloads,
  public.automation_job_events, public.automation_job_rows, public.automation_job_artifacts,
  public.job_execution_metrics
  from anon, authenticated, service_role;
revoke all on sequence public.automation_jobs_seq_seq from anon, authenticated, service_role;

grant select on public.automation_queues, public.automation_services, public.automation_workers,
  public.automation_uploads, public.automation_jobs, public.automation_job_payloads,
  public.automation_job_events, public.automation_job_rows, public.automation_job_artifacts,
  public.job_execution_metrics
  to authenticated;

grant select, insert, update, delete on public.automation_queues, public.automation_services,
  public.automation_workers, public.automation_uploads, public.automation_jobs,
  public.automation_job_payloads, gantry.queue_slots
  to service_role;
-- What has been said of a job is never rewritten; it goes when the job goes.
grant select, insert on public.automation_job_events, public.automation_job_rows,
  public.automation_job_artifacts, public.job_execution_metrics
  to service_role;

create policy "own jobs, or all for an admin" on public.automation_jobs for select to authenticated
  using (user_id = (select auth.uid()) or (select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');
create policy "own uploads, or all for an admin" on public.automation_uploads for select to authenticated
  using (user_id = (select auth.uid()) or (select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');
-- What belongs to a job is seen by whoever sees the job.
create policy "of jobs one may see" on public.automation_job_payloads for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_events for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_rows for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_artifacts for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.job_execution_metrics for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "services on offer, or all for an admin" on public.automation_services for select to authenticated
  using (is_enabled or (select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');
create policy "admins only" on public.automation_queues for select to authenticated
  using ((select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');
create policy "admins only" on public.automation_workers for select to authenticated
  using ((select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');

-- Files lie in a private bucket that only the service role reaches.
insert into storage.buckets (id, name, public) values ('gantry', 'gantry', false) on conflict (id) do nothing;

-- ---------------------------------------------------------------------------------------------------------
-- Time and slots
-- ---------------------------------------------------------------------------------------------------------

-- The queue's clock is the database's. One function, so that it can be moved in one place.
create function gantry.clock() returns timestamptz
  language sql volatile set search_path = ''
  as $$ select clock_timestamp() $$;

create function gantry.milliseconds(p_ms double precision) returns interval
  language sql immutable set search_path = ''
  as $$ select make_interval(secs => p_ms / 1000.0) $$;

create function gantry.elapsed_ms(p_from timestamptz, p_to timestamptz) returns integer
  language sql immutable set search_path = ''
  as $$ select least(2147483647, greatest(0, extract(epoch from p_to - p_from) * 1000))::integer $$;

-- Makes a slot available to a job that runs in a slot above the limit, which a lowered limit leaves behind. Until
-- there is no such job, nothing new starts: then the number running exceeds the limit by no new claim.
create function gantry.hand_over_slot(p_queue_name text, p_slot_number integer, p_limit integer) returns boolean
  language plpgsql set search_path = '' as $$
declare
  v_surplus gantry.queue_slots;
begin
  delete from gantry.queue_slots s
  where (s.queue_name, s.slot_number) = (
    select c.queue_name, c.slot_number from gantry.queue_slots c
    where c.queue_name = p_queue_name and c.slot_number > p_limit and c.job_id is not null
    order by c.slot_number desc limit 1 for update skip locked)
  returning s.* into v_surplus;
  if not found then
    return false;
  end if;
  update gantry.queue_slots
  set job_id = v_surplus.job_id, attempt = v_surplus.attempt, held_until = v_surplus.held_until
  where queue_name = p_queue_name and slot_number = p_slot_number;
  return true;
end $$;

-- Takes a free slot for an attempt, or returns false. The lock on the slot's row is what makes the limit exact.
create function gantry.take_slot(p_queue_name text, p_job_id uuid, p_attempt integer, p_until timestamptz)
  returns boolean language plpgsql set search_path = '' as $$
declare
  v_free record;
begin
  loop
    select s.slot_number, q.concurrency_limit into v_free
    from public.automation_queues q
    join gantry.queue_slots s on s.queue_name = q.name and s.slot_number <= q.concurrency_limit
    where q.name = p_queue_name and s.job_id is null
    order by s.slot_number limit 1 for update of s skip locked;
    if not found then
      return false;
    end if;
    continue when gantry.hand_over_slot(p_queue_name, v_free.slot_number, v_free.concurrency_limit);
    -- One that could not be handed over is locked: its job ends at this moment, and says so when it has.
    if exists (select from gantry.queue_slots s where s.queue_name = p_queue_name
        and s.slot_number > v_free.concurrency_limit and s.job_id is not null) then
      return false;
    end if;
    update gantry.queue_slots set job_id = p_job_id, attempt = p_attempt, held_until = p_until
    where queue_name = p_queue_name and slot_number = v_free.slot_number;
    return true;
  end loop;
end $$;

-- Gives back the slot of an attempt that has ended.
create function gantry.give_back_slot(p_job_id uuid, p_attempt integer) returns void
  language plpgsql set search_path = '' as $$
declare
  v_freed record;
begin
  loop
    update gantry.queue_slots s set job_id = null, attempt = null, held_until = null
    from public.automation_queues q
    where s.job_id = p_job_id and s.attempt = p_attempt and q.name = s.queue_name
    returning s.queue_name, s.slot_number, coalesce(q.concurrency_limit, 0) as concurrency_limit into v_freed;
    exit when found;
    -- While we waited for its row the slot may have been handed over: then the attempt holds another one now.
    if not exists (select from gantry.queue_slots s where s.job_id = p_job_id and s.attempt = p_attempt) then
      return;
    end if;
  end loop;
  if v_freed.slot_number > v_freed.concurrency_limit then
    delete from gantry.queue_slots
    where queue_name = v_freed.queue_name and slot_number = v_freed.slot_number;
  else
    perform gantry.hand_over_slot(v_freed.queue_name, v_freed.slot_number, v_freed.concurrency_limit);
  end if;
end $$;

-- The class of the advisory locks by which claims from a queue without a limit, which take no slot, and the
-- giving of a limit to that queue keep out of each other's way. ('GNTQ' as a number.)
create function gantry.queue_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315729 $$;

-- Gives every queue with a limit that many slots, and one to each attempt that runs without, claimed while there
-- was no limit. A slot above a lowered limit stays until it is free.
create function gantry.fit_queue_slots() returns trigger
  language plpgsql set search_path = '' as $$
declare
  v_job record;
  v_free record;
begin
  perform pg_advisory_xact_lock(gantry.queue_lock_class(), hashtext(new.name));
  insert into gantry.queue_slots (queue_name, slot_number)
  select new.name, n from generate_series(1, new.concurrency_limit) n
  on conflict do nothing;
  if new.concurrency_limit is not null then
    for v_job in
      select j.id, j.attempt, j.lease_expires_at from public.automation_jobs j
      where j.status = 'processing' and j.queue_name = new.name
        and not exists (select from gantry.queue_slots s where s.job_id = j.id and s.attempt = j.attempt)
      for update of j
    loop
      if not gantry.take_slot(new.name, v_job.id, v_job.attempt, v_job.lease_expires_at) then
        insert into gantry.queue_slots (queue_name, slot_number, job_id, attempt, held_until)
        select new.name, max(s.slot_number) + 1, v_job.id, v_job.attempt, v_job.lease_expires_at
        from (select s.slot_number from gantry.queue_slots s where s.queue_name = new.name
          union all select new.concurrency_limit) s;
      end if;
    end loop;
  end if;
  delete from gantry.queue_slots
  where queue_name = new.name and slot_number > coalesce(new.concurrency_limit, 0) and job_id is null;
  for v_free in
    select s.slot_number from gantry.queue_slots s
    where s.queue_name = new.name and s.job_id is null and s.slot_number <= new.concurrency_limit
    order by s.slot_number for update skip locked
  loop
    exit when not gantry.hand_over_slot(new.name, v_free.slot_number, new.concurrency_limit);
  end loop;
  return null;
end $$;
create trigger fit_queue_slots after insert or update of concurrency_limit on public.automation_queues
  for each row execute function gantry.fit_queue_slots();

insert into public.automation_queues (name, concurrency_limit) values ('default', 1);

-- ---------------------------------------------------------------------------------------------------------
-- The state machine: every change of status is legal and leaves exactly one event, whoever makes it
-- ---------------------------------------------------------------------------------------------------------

create function gantry.record_submitted() returns trigger
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  values (new.id, 1, 0, 'state', jsonb_build_object('to', new.status, 'reason', new.status_reason));
  return null;
end $$;
create trigger record_submitted after insert on public.automation_jobs
  for each row execute function gantry.record_submitted();

create function gantry.record_transition() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if (old.status, new.status) not in (
    ('pending', 'processing'), ('pending', 'cancelled'),
    ('processing', 'completed'), ('processing', 'failed'), ('processing', 'cancelled'), ('processing', 'pending'),
    ('failed', 'pending')
  ) then
    raise exception 'A job cannot go from % to %.', old.status, new.status using errcode = 'GQ009';
  end if;
  new.event_seq := old.event_seq + 1;
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  values (new.id, new.event_seq, new.attempt, 'state', jsonb_strip_nulls(jsonb_build_object(
    'from', old.status, 'to', new.status, 'reason', new.status_reason,
    'errorCode', new.error_code, 'errorMessage', new.error_message)));
  return new;
end $$;
create trigger record_transition before update of status on public.automation_jobs
  for each row when (old.status is distinct from new.status)
  execute function gantry.record_transition();

-- ---------------------------------------------------------------------------------------------------------
-- Submit
-- ---------------------------------------------------------------------------------------------------------

-- Inserts a pending job. The same idempotency key with the same payload returns the first job.
create function gantry.submit_job(
  p_user_id uuid, p_service_id text, p_input jsonb, p_upload_id uuid default null,
  p_priority integer default 0, p_run_at timestamptz default null,
  p_idempotency_key text default null, p_payload_sha256 text default null
) returns table (job_id uuid, is_new boolean)
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_service public.automation_services;
  v_job public.automation_jobs;
begin
  select * into v_service from public.automation_services s where s.id = p_service_id and s.is_enabled;
  if not found then
    raise exception 'There is no service "%".', p_service_id using errcode = 'GQ004';
  end if;
  if p_upload_id is not null then
    perform from public.automation_uploads u where u.id = p_upload_id and u.user_id = p_user_id for key share;
    if not found then
      raise exception 'There is no such upload.' using errcode = 'GQ006';
    end if;
  end if;

  loop
    insert into public.automation_jobs (user_id, service_id, queue_name, priority, run_at, is_ready, max_attempts,
      timeout_ms, upload_id, idempotency_key, payload_sha256, created_at)
    values (p_user_id, v_service.id, v_service.queue_name, p_priority, coalesce(p_run_at, v_now),
      coalesce(p_run_at <= v_now, true), v_service.max_attempts, v_service.timeout_ms, p_upload_id,
      p_idempotency_key, case when p_idempotency_key is not null then p_payload_sha256 end, v_now)
    on conflict on constraint automation_jobs_idempotency_key do nothing
    returning * into v_job;
    exit when found;

    select * into v_job from public.automation_jobs j
    where j.user_id = p_user_id and j.idempotency_key = p_idempotency_key;
    -- The first job may expire between the two statements; then the key is free again.
    continue when not found;
    if v_job.payload_sha256 is distinct from p_payload_sha256 then
      raise exception 'This idempotency key was used for another submission.' using errcode = 'GQ005';
    end if;
    return query select v_job.id, false;
    return;
  end loop;

  insert into public.automation_job_payloads (job_id, input) values (v_job.id, p_input);
  perform pg_notify('gantry_jobs', v_job.queue_name);
  return query select v_job.id, true;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Workers
-- ---------------------------------------------------------------------------------------------------------

create function gantry.register_worker(
  p_worker_id uuid, p_host text, p_pid integer, p_version text, p_services text[], p_concurrency integer,
  p_session_key integer
) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_workers (id, host, pid, version, services, concurrency, session_key,
    started_at, heartbeat_at)
  values (p_worker_id, p_host, p_pid, p_version, p_services, p_concurrency, p_session_key,
    gantry.clock(), gantry.clock());
end $$;

-- Publishes what a worker can run; what an admin decided (is_enabled) stays.
create function gantry.publish_service(
  p_id text, p_name text, p_description text, p_category text, p_queue_name text, p_version text,
  p_input_schema jsonb, p_accepted_files jsonb, p_timeout_ms integer, p_max_attempts integer
) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_queues (name) values (p_queue_name) on conflict do nothing;
  insert into public.automation_services as s (id, name, description, category, queue_name, version, input_schema,
    accepted_files, timeout_ms, max_attempts)
  values (p_id, p_name, p_description, p_category, p_queue_name, p_version, p_input_schema, p_accepted_files,
    p_timeout_ms, p_max_attempts)
  on conflict (id) do update set
    name = excluded.name, description = excluded.description, category = excluded.category,
    queue_name = excluded.queue_name, version = excluded.version, input_schema = excluded.input_schema,
    accepted_files = excluded.accepted_files, timeout_ms = excluded.timeout_ms,
    max_attempts = excluded.max_attempts, updated_at = gantry.clock();
end $$;

-- One statement for a worker and all it runs. Returns the attempts that it no longer holds.
create function gantry.heartbeat(
  p_worker_id uuid, p_job_ids uuid[], p_attempts integer[], p_lease_ms integer
) returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_until timestamptz := v_now + gantry.milliseconds(p_lease_ms);
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
      update public.automation_jobs j set lease_expires_at = v_until
      from still where j.id = still.id
      returning j.id, j.attempt
    ), slots as (
      update gantry.queue_slots s set held_until = v_until
      from renewed where s.job_id = renewed.id and s.attempt = renewed.attempt
    )
    select held.job_id, held.attempt from held where held.job_id not in (select id from renewed);
end $$;

create function gantry.drain_worker(p_worker_id uuid) returns void
  language sql set search_path = '' as $$
  update public.automation_workers set status = 'draining' where id = p_worker_id and status = 'active'
$$;

create function gantry.stop_worker(p_worker_id uuid) returns void
  language sql set search_path = '' as $$
  update public.automation_workers set status = 'stopped', stopped_at = gantry.clock()
  where id = p_worker_id and status in ('active', 'draining')
$$;

-- ---------------------------------------------------------------------------------------------------------
-- Claim
-- ---------------------------------------------------------------------------------------------------------

-- Jobs whose time has come join the ready index, and who waits is told. Returns how many.
create function gantry.promote_due_jobs(p_limit integer default 1000) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_count integer;
begin
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

-- Takes up to p_limit runnable jobs: highest priority first, then oldest. Every job taken from a queue with
-- a limit takes a slot of it, locked, so no storm of claims can exceed the limit.
create function gantry.claim_jobs(p_worker_id uuid, p_limit integer, p_lease_ms integer)
  returns table (
    job_id uuid, attempt integer, attempts_used integer, max_attempts integer, user_id uuid, service_id text,
    queue_name text, timeout_ms integer, input jsonb, checkpoint jsonb, upload_id uuid, file_name text,
    file_storage_key text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_until timestamptz := v_now + gantry.milliseconds(p_lease_ms);
  v_services text[];
  v_unlimited_queues text[];
  v_open_queues text[];
  v_queue_name text;
  v_claimed uuid[] := '{}';
  v_job record;
begin
  select w.services into v_services from public.automation_workers w
  where w.id = p_worker_id and w.status = 'active';
  if not found then
    raise exception 'This worker is not registered, or takes nothing new.' using errcode = 'GQ007';
  end if;
  perform gantry.promote_due_jobs();

  -- A queue that gets a limit from now on waits until this claim is done, and then counts its jobs.
  perform pg_advisory_xact_lock_shared(gantry.queue_lock_class(), hashtext(q.name))
  from public.automation_queues q where q.concurrency_limit is null;
  select coalesce(array_agg(q.name), '{}') into v_unlimited_queues
  from public.automation_queues q where q.concurrency_limit is null and not q.is_paused;
  -- A job of a full queue is not even looked at: to lock it would hide it from the worker that may take it next.
  select v_unlimited_queues || coalesce(array_agg(q.name), '{}') into v_open_queues
  from public.automation_queues q
  where q.concurrency_limit is not null and not q.is_paused and exists (
    select from gantry.queue_slots s
    where s.queue_name = q.name and s.job_id is null and s.slot_number <= q.concurrency_limit);

  while cardinality(v_claimed) < p_limit loop
    select first.queue_name into v_queue_name
    from unnest(v_open_queues) open (name)
    cross join lateral (
      select j.queue_name, j.priority, j.seq from public.automation_jobs j
      where j.is_ready and j.queue_name = open.name and j.service_id = any (v_services)
      order by j.priority desc, j.seq limit 1) first
    order by first.priority desc, first.seq limit 1;
    exit when not found;

    select j.id, j.attempt + 1 as attempt into v_job
    from public.automation_jobs j
    where j.is_ready and j.queue_name = v_queue_name and j.service_id = any (v_services)
    order by j.priority desc, j.seq
    limit 1 for update skip locked;
    if not found then
      v_open_queues := array_remove(v_open_queues, v_queue_name);
      continue;
    end if;

    if v_queue_name <> all (v_unlimited_queues)
      and not gantry.take_slot(v_queue_name, v_job.id, v_job.attempt, v_until) then
      -- Another claim was faster. It may be over before we let go of the job that we hide, so somebody looks again.
      perform pg_notify('gantry_jobs', v_queue_name);
      v_open_queues := array_remove(v_open_queues, v_queue_name);
      continue;
    end if;

    update public.automation_jobs j set
      status = 'processing', status_reason = 'claimed', is_ready = false, attempt = v_job.attempt,
      attempts_used = j.attempts_used + 1, worker_id = p_worker_id, lease_expires_at = v_until,
      started_at = coalesce(j.started_at, v_now), attempt_started_at = v_now,
      error_code = null, error_message = null
    where j.id = v_job.id;
    v_claimed := v_claimed || v_job.id;
    perform pg_notify('gantry_events', v_job.id::text);
  end loop;

  return query
    select j.id, j.attempt, j.attempts_used, j.max_attempts, j.user_id, j.service_id, j.queue_name, j.timeout_ms,
      p.input, p.checkpoint, j.upload_id, u.file_name, u.storage_key
    from unnest(v_claimed) with ordinality as c (id, n)
    join public.automation_jobs j on j.id = c.id
    join public.automation_job_payloads p on p.job_id = j.id
    left join public.automation_uploads u on u.id = j.upload_id
    order by c.n;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Report: every write of a worker carries (job, attempt) and fails with GQ001 once the lease is gone
-- ---------------------------------------------------------------------------------------------------------

-- Locks the job for a writing worker, or raises GQ001.
create function gantry.hold_job(p_job_id uuid, p_attempt integer) returns public.automation_jobs
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for update;
  if not found or v_job.status <> 'processing' or v_job.attempt <> p_attempt
    or v_job.lease_expires_at <= gantry.clock() then
    raise exception 'Attempt % no longer holds this job.', p_attempt using errcode = 'GQ001';
  end if;
  return v_job;
end $$;

-- Appends events `[{type, data}]`, types progress, step, log and row. A row that has an answer already is
-- left as it is, and says nothing again.
create function gantry.append_events(p_job_id uuid, p_attempt integer, p_events jsonb) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.hold_job(p_job_id, p_attempt);
  v_count integer;
begin
  with given as (
    select e.value ->> 'type' as type, e.value -> 'data' as data, e.ordinality as n
    from jsonb_array_elements(p_events) with ordinality e
  ), answered as (
    insert into public.automation_job_rows (job_id, row_index, row_key, status, data, error_code, error_message, attempt)
    select distinct on ((g.data ->> 'index')::integer) p_job_id, (g.data ->> 'index')::integer, g.data ->> 'key',
      g.data ->> 'status', g.data -> 'data', g.data -> 'error' ->> 'code', g.data -> 'error' ->> 'message', p_attempt
    from given g where g.type = 'row' order by (g.data ->> 'index')::integer, g.n
    on conflict do nothing
    returning row_index
  ), told as (
    select g.type, g.data, row_number() over (order by g.n) as n from given g
    where g.type in ('progress', 'step', 'log')
      or g.n in (
        select min(r.n) from given r join answered a on a.row_index = (r.data ->> 'index')::integer
        where r.type = 'row' group by a.row_index)
  )
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  select p_job_id, v_job.event_seq + t.n, p_attempt, t.type, t.data from told t;
  get diagnostics v_count = row_count;

  update public.automation_jobs j set
    event_seq = j.event_seq + v_count,
    progress_done = coalesce(latest.done, j.progress_done),
    progress_total = coalesce(latest.total, j.progress_total),
    step = coalesce(latest.step, j.step)
  from (
    select
      (array_agg((e.value -> 'data' ->> 'done')::integer order by e.ordinality desc) filter (where e.value ->> 'type' = 'progress'))[1] as done,
      (array_agg((e.value -> 'data' ->> 'total')::integer order by e.ordinality desc) filter (where e.value ->> 'type' = 'progress'))[1] as total,
      (array_agg(left(e.value -> 'data' ->> 'name', 200) order by e.ordinality desc) filter (where e.value ->> 'type' = 'step'))[1] as step
    from jsonb_array_elements(p_events) with ordinality e
  ) latest
  where j.id = p_job_id;
  perform pg_notify('gantry_events', p_job_id::text);
  return v_job.event_seq + v_count;
end $$;

create function gantry.add_artifact(
  p_job_id uuid, p_attempt integer, p_artifact_id uuid, p_name text, p_content_type text, p_size_bytes bigint,
  p_sha256 text, p_storage_key text, p_row_index integer default null
) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.hold_job(p_job_id, p_attempt);
begin
  insert into public.automation_job_artifacts (id, job_id, attempt, name, content_type, size_bytes, sha256, storage_key, row_index)
  values (p_artifact_id, p_job_id, p_attempt, p_name, p_content_type, p_size_bytes, p_sha256, p_storage_key, p_row_index)
  on conflict do nothing;
  if not found then
    -- The same again, because the answer to the first call was lost, is no error.
    if exists (select from public.automation_job_artifacts a
        where a.id = p_artifact_id and a.job_id = p_job_id and a.attempt = p_attempt and a.sha256 = p_sha256) then
      return;
    end if;
    raise exception 'This attempt has a file named "%" already.', p_name using errcode = 'GQ008';
  end if;
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  values (p_job_id, v_job.event_seq + 1, p_attempt, 'artifact', jsonb_strip_nulls(jsonb_build_object(
    'id', p_artifact_id, 'name', p_name, 'contentType', p_content_type, 'size', p_size_bytes, 'rowIndex', p_row_index)));
  update public.automation_jobs set event_seq = event_seq + 1 where id = p_job_id;
  perform pg_notify('gantry_events', p_job_id::text);
end $$;

create function gantry.save_checkpoint(p_job_id uuid, p_attempt integer, p_checkpoint jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform gantry.hold_job(p_job_id, p_attempt);
  update public.automation_job_payloads set checkpoint = p_checkpoint where job_id = p_job_id;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Finish
-- ---------------------------------------------------------------------------------------------------------

-- What every end of an attempt does: metrics, slot, and the hints to listeners. `p_job` is the row before.
create function gantry.end_attempt(p_job public.automation_jobs, p_outcome text, p_browser jsonb default '{}') returns void
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
begin
  insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
    browser_launch_ms, browser_peak_memory_bytes, created_at)
  values (p_job.id, p_job.attempt, p_job.service_id, p_job.worker_id, p_outcome,
    gantry.elapsed_ms(p_job.run_at, p_job.attempt_started_at), gantry.elapsed_ms(p_job.attempt_started_at, v_now),
    (p_browser ->> 'launchMs')::integer, (p_browser ->> 'peakMemoryBytes')::bigint, v_now);
  perform gantry.give_back_slot(p_job.id, p_job.attempt);
  perform pg_notify('gantry_events', p_job.id::text);
  perform pg_notify('gantry_jobs', p_job.queue_name);
end $$;

create function gantry.complete_job(
  p_job_id uuid, p_attempt integer, p_summary jsonb, p_result_ttl_ms bigint, p_browser jsonb default '{}'
) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.hold_job(p_job_id, p_attempt);
  v_now timestamptz := gantry.clock();
begin
  update public.automation_job_payloads set summary = p_summary where job_id = p_job_id;
  update public.automation_jobs set
    status = 'completed', status_reason = 'completed', worker_id = null, lease_expires_at = null,
    finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
  where id = p_job_id;
  perform gantry.end_attempt(v_job, 'completed', p_browser);
end $$;

-- Ends an attempt with an error: back to pending after a back-off that doubles (three quarters of it to the whole,
-- by chance, so that what failed together does not come back together), or failed when the error is permanent or no attempt is left. Returns which, and when it may run again.
create function gantry.fail_job(
  p_job_id uuid, p_attempt integer, p_error_code text, p_error_message text, p_is_permanent boolean,
  p_backoff_ms integer, p_max_backoff_ms integer, p_result_ttl_ms bigint, p_browser jsonb default '{}'
) returns table (outcome text, retry_at timestamptz)
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.hold_job(p_job_id, p_attempt);
  v_now timestamptz := gantry.clock();
  v_retry_at timestamptz;
  v_outcome text := 'failed';
begin
  if not p_is_permanent and v_job.attempts_used < v_job.max_attempts then
    v_outcome := 'retry';
    v_retry_at := v_now + gantry.milliseconds(
      least(p_max_backoff_ms, p_backoff_ms * 2.0 ^ least(v_job.attempts_used - 1, 30)) * (0.75 + random() * 0.25));
  end if;
  update public.automation_jobs set
    status = case v_outcome when 'retry' then 'pending' else 'failed' end,
    status_reason = case when v_outcome = 'retry' then 'retry' when p_is_permanent then 'permanent error' else 'attempts used up' end,
    error_code = left(p_error_code, 80), error_message = left(p_error_message, 2000),
    worker_id = null, lease_expires_at = null, run_at = coalesce(v_retry_at, run_at),
    finished_at = case v_outcome when 'failed' then v_now end,
    expires_at = case v_outcome when 'failed' then v_now + gantry.milliseconds(p_result_ttl_ms) end
  where id = p_job_id;
  perform gantry.end_attempt(v_job, v_outcome, p_browser);
  return query select v_outcome, v_retry_at;
end $$;

-- A draining worker gives a job back: it is pending again at once and the attempt does not count.
create function gantry.release_job(p_job_id uuid, p_attempt integer, p_browser jsonb default '{}') returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.hold_job(p_job_id, p_attempt);
begin
  update public.automation_jobs set
    status = 'pending', status_reason = 'released', is_ready = true, attempts_used = attempts_used - 1,
    worker_id = null, lease_expires_at = null, run_at = gantry.clock()
  where id = p_job_id;
  perform gantry.end_attempt(v_job, 'released', p_browser);
end $$;

-- Cancels a pending or running job; again on a cancelled one changes nothing. A running job is cancelled at
-- once: its worker loses the lease, is told, and frees the slot when the browser is dead (see free_slot).
create function gantry.cancel_job(p_job_id uuid, p_reason text, p_result_ttl_ms bigint) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for update;
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
    insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms, created_at)
    values (v_job.id, v_job.attempt, v_job.service_id, v_job.worker_id, 'cancelled',
      gantry.elapsed_ms(v_job.run_at, v_job.attempt_started_at), gantry.elapsed_ms(v_job.attempt_started_at, v_now), v_now);
    perform pg_notify('gantry_cancels', v_job.id::text);
  end if;
  perform pg_notify('gantry_events', v_job.id::text);
end $$;

-- The worker of a cancelled or lost attempt says that its browser is gone.
create function gantry.free_slot(p_job_id uuid, p_attempt integer) returns void
  language plpgsql set search_path = '' as $$
declare
  v_queue_name text;
begin
  select s.queue_name into v_queue_name from gantry.queue_slots s
  where s.job_id = p_job_id and s.attempt = p_attempt
    and not exists (select from public.automation_jobs j
      where j.id = p_job_id and j.attempt = p_attempt and j.status = 'processing');
  if found then
    perform gantry.give_back_slot(p_job_id, p_attempt);
    perform pg_notify('gantry_jobs', v_queue_name);
  end if;
end $$;

-- Puts a failed job back in the queue with all its attempts; rows that have an answer keep it.
create function gantry.retry_job(p_job_id uuid, p_reason text) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for update;
  -- The files of an expired job may be gone before the job is.
  if not found or v_job.expires_at <= gantry.clock() then
    raise exception 'There is no such job.' using errcode = 'GQ002';
  elsif v_job.status <> 'failed' then
    raise exception 'Only a failed job can be retried; this one is %.', v_job.status using errcode = 'GQ009';
  end if;
  update public.automation_jobs set
    status = 'pending', status_reason = p_reason, is_ready = true, attempts_used = 0, run_at = gantry.clock(),
    error_code = null, error_message = null, finished_at = null, expires_at = null
  where id = p_job_id;
  perform pg_notify('gantry_events', p_job_id::text);
  perform pg_notify('gantry_jobs', v_job.queue_name);
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Rescue and expire
-- ---------------------------------------------------------------------------------------------------------

-- The class of the advisory locks that say "this worker's session lives". ('GNTR' as a number.)
create function gantry.session_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315730 $$;

-- Finds workers whose session is gone for longer than the grace and that have not been heard of since, or that
-- have said nothing for very long, and gives their jobs and every job without a valid lease to others: pending
-- again, or failed after the last attempt. Safe to run anywhere, any number of times at once.
create function gantry.rescue_jobs(
  p_session_grace_ms integer, p_stuck_after_ms integer, p_result_ttl_ms bigint, p_limit integer default 100
) returns table (job_id uuid, outcome text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_job public.automation_jobs;
  v_slot record;
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

  -- Slots of attempts that ended without their worker saying so.
  for v_slot in
    select s.job_id, s.attempt, s.queue_name from gantry.queue_slots s
    where s.held_until <= v_now and not exists (
      select from public.automation_jobs j
      where j.id = s.job_id and j.attempt = s.attempt and j.status = 'processing')
    for update skip locked
  loop
    perform gantry.give_back_slot(v_slot.job_id, v_slot.attempt);
    perform pg_notify('gantry_jobs', v_slot.queue_name);
  end loop;
end $$;

-- Finished jobs whose results have had their time, with every file they own. The caller deletes the files
-- first and the rows after, so that a crash between leaves work to repeat and nothing forgotten.
create function gantry.find_expired_jobs(p_limit integer) returns table (job_id uuid, storage_keys text[])
  language plpgsql stable set search_path = '' as $$
begin
  return query
    select j.id, array_remove(array_agg(a.storage_key), null)
    from (
      select e.id from public.automation_jobs e where e.expires_at <= gantry.clock()
      order by e.expires_at limit p_limit
    ) j left join public.automation_job_artifacts a on a.job_id = j.id
    group by j.id;
end $$;

create function gantry.delete_expired_jobs(p_job_ids uuid[]) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_count integer;
begin
  delete from public.automation_jobs where id = any (p_job_ids) and expires_at <= gantry.clock();
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- ---------------------------------------------------------------------------------------------------------
-- Position, estimate and figures
-- ---------------------------------------------------------------------------------------------------------

-- Place in the queue (1 = next), the wait in milliseconds that the history of the services ahead suggests, and
-- the reason. The wait is null when nothing can be said: a paused queue, no live worker for the service.
create function gantry.estimate_wait(p_job_id uuid)
  returns table (queue_position integer, estimated_wait_ms bigint, wait_reason text)
  language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_job public.automation_jobs;
  v_queue public.automation_queues;
  v_ahead integer;
  v_work_ms double precision;
  v_lanes integer;
begin
  select * into v_job from public.automation_jobs where id = p_job_id;
  if not found or v_job.status <> 'pending' then
    return query select case when v_job.status = 'processing' then 0 end, case when v_job.status = 'processing' then 0::bigint end, null::text;
    return;
  end if;
  select * into v_queue from public.automation_queues where name = v_job.queue_name;

  select count(*)::integer into v_ahead from public.automation_jobs j
  where j.is_ready and j.queue_name = v_job.queue_name
    and (j.priority > v_job.priority or (j.priority = v_job.priority and j.seq < v_job.seq));

  select sum(w.concurrency) into v_lanes from public.automation_workers w
  where w.status = 'active' and v_job.service_id = any (w.services);
  v_lanes := least(coalesce(v_lanes, 0), coalesce(v_queue.concurrency_limit, v_lanes, 0));

  -- A service without history counts as a minute: wrong, but shown as an estimate and soon replaced.
  with usual as (
    select s.id, coalesce((
      select percentile_cont(0.5) within group (order by m.run_ms) from (
        select c.run_ms from public.job_execution_metrics c
        where c.service_id = s.id and c.outcome = 'completed' order by c.created_at desc limit 50) m), 60000) as run_ms
    from public.automation_services s where s.queue_name = v_job.queue_name
  )
  select coalesce((
      select sum(u.run_ms) from public.automation_jobs j join usual u on u.id = j.service_id
      where j.is_ready and j.queue_name = v_job.queue_name
        and (j.priority > v_job.priority or (j.priority = v_job.priority and j.seq < v_job.seq))), 0)
    + coalesce((
      select sum(greatest(0, u.run_ms - gantry.elapsed_ms(j.attempt_started_at, v_now)))
      from public.automation_jobs j join usual u on u.id = j.service_id
      where j.status = 'processing' and j.queue_name = v_job.queue_name), 0)
  into v_work_ms;

  return query select
    v_ahead + 1,
    case when v_queue.is_paused or v_queue.concurrency_limit = 0 or v_lanes = 0 then null
      else greatest((v_work_ms / v_lanes)::bigint, gantry.elapsed_ms(v_now, v_job.run_at)::bigint) end,
    case
      when v_queue.is_paused or v_queue.concurrency_limit = 0 then 'queue paused'
      when v_job.run_at > v_now and v_job.attempt > 0 then 'waiting to retry'
      when v_job.run_at > v_now then 'scheduled'
      when v_lanes = 0 then 'no worker for this service'
      when v_ahead > 0 then v_ahead || ' ahead'
      else 'next'
    end;
end $$;

-- Figures of the whole queue. They reveal no id and nothing of anybody's job.
create function gantry.queue_info() returns jsonb
  language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'pending', (select count(*) from public.automation_jobs where status = 'pending'),
    'processing', (select count(*) from public.automation_jobs where status = 'processing'),
    'completed', (select count(*) from public.automation_jobs where status = 'completed'),
    'failed', (select count(*) from public.automation_jobs where status = 'failed'),
    'cancelled', (select count(*) from public.automation_jobs where status = 'cancelled'),
    'activeWorkers', (select count(*) from public.automation_workers where status = 'active'),
    'queues', (select coalesce(jsonb_agg(jsonb_build_object(
        'name', q.name, 'concurrencyLimit', q.concurrency_limit, 'isPaused', q.is_paused,
        'pending', (select count(*) from public.automation_jobs j where j.status = 'pending' and j.queue_name = q.name),
        'processing', (select count(*) from public.automation_jobs j where j.status = 'processing' and j.queue_name = q.name)
      ) order by q.name), '[]') from public.automation_queues q))
$$;

-- ---------------------------------------------------------------------------------------------------------
-- Accounts: the service role may not read the schema `auth`, so these two look for it
-- ---------------------------------------------------------------------------------------------------------

-- Whether a user is an admin now, whatever an older token says.
create function gantry.is_admin(p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.users u
    where u.id = p_user_id and u.deleted_at is null and u.raw_app_meta_data ->> 'role' = 'admin'
      and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

-- Whether a session was opened by this user and has not been ended since.
create function gantry.is_session_open(p_session_id uuid, p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id = p_session_id and u.id = p_user_id and u.deleted_at is null
      and (s.not_after is null or s.not_after > gantry.clock())
      and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

-- Functions are executable by everybody unless said otherwise.
revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
