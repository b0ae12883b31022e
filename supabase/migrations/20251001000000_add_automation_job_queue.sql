-- Made by "pnpm baseline" from supabase/schemas. Edit these files instead.

-- 00_schema.sql

-- The automation job queue. Users read their own rows through the policies in 90_policies.sql. The service role
-- changes jobs and what belongs to them only through the functions of the private schema `gantry`. These files are
-- applied in the order of their numbers.

create schema gantry;

-- 01_clock.sql

-- Time and ids. Postgres parses a body without quotes once, here. So it needs no search_path, and the planner can
-- inline it.

-- The queue's clock is the database's. One function, so that tests can move it in one place.
create function gantry.clock() returns timestamptz
  language sql volatile return clock_timestamp();

create function gantry.milliseconds(p_ms double precision) returns interval
  language sql immutable return make_interval(secs => p_ms / 1000.0);

create function gantry.elapsed_ms(p_from timestamptz, p_to timestamptz) returns integer
  language sql immutable
  return least(2147483647, greatest(0, extract(epoch from p_to - p_from) * 1000))::integer;

-- Ids that grow with time (RFC 9562, version 7) keep the newest entries of every index together. This is a random id
-- of version 4, with the time in its first 48 bits and its version raised by 3.
create function gantry.new_id() returns uuid
  language sql volatile
  return encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1),
    52, 1), 53, 1), 'hex')::uuid;

-- 02_tags.sql

-- 1 to 10 tags of 1 to 40 characters.
create function gantry.are_tags(p_tags text[]) returns boolean
  language sql immutable set search_path = '' as $$
  select cardinality(p_tags) between 1 and 10 and array_ndims(p_tags) = 1
    and not exists (select from unnest(p_tags) t (tag) where t.tag is null or length(t.tag) not between 1 and 40)
$$;

-- 03_locks.sql

-- The classes of the queue's advisory locks.

-- Claims from one queue, so that one runs after the other. ('GNTQ' as a number.)
create function gantry.queue_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315729 $$;

-- "This worker's session is alive." ('GNTR' as a number.)
create function gantry.session_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315730 $$;

-- "My jobs are joining a line." ('GNTL' as a number.)
create function gantry.line_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315724 $$;

-- Promotion of due jobs, one caller at a time. ('GNTU' as a number.)
create function gantry.promotion_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315733 $$;

-- The count of all jobs, one caller at a time. ('GNSF' as a number.)
create function gantry.figures_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315462 $$;

-- 10_queues.sql

create table public.automation_queues (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  -- null: no limit. 0: nothing starts.
  concurrency_limit integer default 1 check (concurrency_limit between 0 and 10000),
  is_paused boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The age that one step of priority is worth. A job that has waited longer than that is claimed before a new job of
  -- the next priority, so no job waits forever.
  priority_head_start_ms integer not null default 900000
    check (priority_head_start_ms between 0 and 86400000),
  -- A deleted queue is hidden and unused. The row stays: a job that was being submitted at that moment still runs.
  deleted_at timestamptz
);
comment on table public.automation_queues is
  'A named resource with a concurrency limit that holds across all workers.';

insert into public.automation_queues (name, concurrency_limit) values ('default', 1);

-- Creates the queue of a service if it does not exist, and restores it if it was deleted.
create function gantry.provide_queue(p_name text) returns void
  language sql volatile set search_path = '' as $$
  insert into public.automation_queues as q (name) values (p_name)
  on conflict (name) do update set deleted_at = null, updated_at = gantry.clock() where q.deleted_at is not null
$$;

-- Creates a queue, or restores a deleted one with this limit.
create function gantry.create_queue(p_name text, p_concurrency_limit integer) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_queues as q (name, concurrency_limit) values (p_name, p_concurrency_limit)
  on conflict (name) do update set
    deleted_at = null, concurrency_limit = excluded.concurrency_limit, is_paused = false, updated_at = gantry.clock()
  where q.deleted_at is not null;
  if not found then
    raise exception using errcode = 'GQ032', message = 'QUEUE_EXISTS',
      detail = jsonb_build_object('queue', p_name);
  end if;
end $$;

-- Deletes a queue that has no service and no waiting or running job.
create function gantry.delete_queue(p_name text) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.automation_queues q where q.name = p_name and q.deleted_at is null for update;
  if not found then
    raise exception using errcode = 'GQ030', message = 'QUEUE_NOT_FOUND',
      detail = jsonb_build_object('queue', p_name);
  end if;
  if exists (select from public.automation_services s where s.queue_name = p_name)
    or exists (select from gantry.ready_jobs j where j.queue_name = p_name)
    or exists (select from gantry.running_jobs j where j.queue_name = p_name)
    or exists (select from public.automation_jobs j where j.queue_name = p_name and j.is_waiting)
  then
    raise exception using errcode = 'GQ031', message = 'QUEUE_IN_USE',
      detail = jsonb_build_object('queue', p_name);
  end if;
  update public.automation_queues set deleted_at = gantry.clock(), is_paused = false where name = p_name;
end $$;

-- 11_services.sql

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
  updated_at timestamptz not null default now(),
  -- The queue that the workers' code names. It is used unless an admin chose another.
  published_queue_name text not null,
  is_queue_chosen boolean not null default false,
  -- `[{key, label, type}]` in the automation's order. An array, since jsonb does not keep the order of an object's keys.
  answer_columns jsonb not null default '[]' check (jsonb_typeof(answer_columns) = 'array'),
  constraint automation_services_queue_check check (is_queue_chosen or queue_name = published_queue_name)
);
create index automation_services_queue_name_idx on public.automation_services (queue_name);
comment on table public.automation_services is
  'What a user can pick. Workers publish their automations here, so nothing else needs to know them.';

-- Publishes what a worker can run. It keeps what an admin decided: is_enabled, and another queue.
create function gantry.publish_service(
  p_id text, p_name text, p_description text, p_category text, p_queue_name text, p_version text,
  p_input_schema jsonb, p_accepted_files jsonb, p_timeout_ms integer, p_max_attempts integer, p_answer_columns jsonb
) returns void
  language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.automation_services s where s.id = p_id and s.is_queue_chosen) then
    perform gantry.provide_queue(p_queue_name);
  end if;
  insert into public.automation_services as s (id, name, description, category, queue_name, published_queue_name,
    version, input_schema, accepted_files, timeout_ms, max_attempts, answer_columns)
  values (p_id, p_name, p_description, p_category, p_queue_name, p_queue_name, p_version, p_input_schema,
    p_accepted_files, p_timeout_ms, p_max_attempts, p_answer_columns)
  on conflict (id) do update set
    name = excluded.name, description = excluded.description, category = excluded.category,
    queue_name = case when s.is_queue_chosen then s.queue_name else excluded.queue_name end,
    published_queue_name = excluded.published_queue_name, version = excluded.version,
    input_schema = excluded.input_schema, accepted_files = excluded.accepted_files, timeout_ms = excluded.timeout_ms,
    max_attempts = excluded.max_attempts, answer_columns = excluded.answer_columns, updated_at = gantry.clock();
end $$;

-- Moves a service to a queue, or (null) back to the queue that its code names. This applies to jobs submitted from now on.
create function gantry.choose_queue(p_service_id text, p_queue_name text) returns void
  language plpgsql set search_path = '' as $$
declare
  v_published text;
begin
  select s.published_queue_name into v_published from public.automation_services s
  where s.id = p_service_id for no key update;
  if not found then
    raise exception using errcode = 'GQ004', message = 'SERVICE_NOT_FOUND',
      detail = jsonb_build_object('serviceId', p_service_id);
  end if;
  if p_queue_name is null then
    perform gantry.provide_queue(v_published);
  else
    -- Locked, so that it is not deleted before the service is in it.
    perform from public.automation_queues q where q.name = p_queue_name and q.deleted_at is null for update;
    if not found then
      raise exception using errcode = 'GQ030', message = 'QUEUE_NOT_FOUND',
        detail = jsonb_build_object('queue', p_queue_name);
    end if;
  end if;
  update public.automation_services set
    queue_name = coalesce(p_queue_name, v_published), is_queue_chosen = p_queue_name is not null,
    updated_at = gantry.clock()
  where id = p_service_id;
end $$;

-- 12_workers.sql

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
  -- The queues that it serves. null: all.
  queues text[],
  constraint automation_workers_stopped_check check ((status in ('stopped', 'lost')) = (stopped_at is not null))
);
create unique index automation_workers_live_session_idx on public.automation_workers (session_key)
  where status in ('active', 'draining');

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

-- A draining worker claims nothing more.
create function gantry.drain_worker(p_worker_id uuid) returns void
  language sql set search_path = '' as $$
  update public.automation_workers set status = 'draining' where id = p_worker_id and status = 'active'
$$;

create function gantry.stop_worker(p_worker_id uuid) returns void
  language sql set search_path = '' as $$
  update public.automation_workers set status = 'stopped', stopped_at = gantry.clock()
  where id = p_worker_id and status in ('active', 'draining')
$$;

-- 13_uploads.sql

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

-- Files are kept in a private bucket. Only the service role has access to it.
insert into storage.buckets (id, name, public) values ('gantry', 'gantry', false) on conflict (id) do nothing;

-- 14_schedules.sql

-- A schedule is a cron expression and what to submit at each occurrence.
--
-- Each occurrence becomes one job at most, however many processes fire schedules: the process that occurrences a schedule
-- locks its row, and writes the job, the occurrence and the next time in one transaction.
create table public.automation_schedules (
  id uuid primary key default gantry.new_id(),
  user_id uuid not null references auth.users (id) on delete cascade,
  name text not null check (length(name) between 1 and 120),
  service_id text not null references public.automation_services (id),
  input jsonb not null,
  -- Without `on delete`, an upload cannot be deleted while a schedule uses it.
  upload_id uuid references public.automation_uploads (id),
  priority smallint not null default 0 check (priority between 0 and 2),
  tags text[] check (gantry.are_tags(tags)),
  cron text not null check (length(cron) between 1 and 120),
  -- A name of the IANA database. Node checks that it exists.
  time_zone text not null check (length(time_zone) between 1 and 64),
  -- What happens at an occurrence while a job of an earlier one is unfinished.
  overlap text not null default 'skip' check (overlap in ('skip', 'queue')),
  is_paused boolean not null default false,
  next_occurrence_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint automation_schedules_next_check check (is_paused = (next_occurrence_at is null))
);
create index automation_schedules_user_id_idx on public.automation_schedules (user_id, id desc);
create index automation_schedules_service_id_idx on public.automation_schedules (service_id);
create index automation_schedules_upload_id_idx on public.automation_schedules (upload_id) where upload_id is not null;
create index automation_schedules_due_idx on public.automation_schedules (next_occurrence_at) where next_occurrence_at is not null;

create table public.automation_schedule_occurrences (
  schedule_id uuid not null references public.automation_schedules (id) on delete cascade,
  -- The time of the occurrence, which may be before the time when it was handled.
  occurs_at timestamptz not null,
  outcome text not null check (outcome in ('submitted', 'skipped', 'refused')),
  reason_code text check (length(reason_code) <= 80),
  -- No foreign key: this row outlives the job, which expires.
  job_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (schedule_id, occurs_at),
  constraint automation_schedule_occurrences_job_check check ((outcome = 'submitted') = (job_id is not null)),
  constraint automation_schedule_occurrences_reason_check check ((outcome = 'submitted') = (reason_code is null))
);
comment on table public.automation_schedule_occurrences is 'The outcome of the last occurrences of each schedule.';

-- 15_jobs.sql

-- Why a job has its status. packages/contract has the same codes, and the parameters of each; a test compares the two.
create type gantry.status_reason as enum ('submitted', 'claimed', 'completed', 'retry', 'permanent_error',
  'attempts_used_up', 'released', 'worker_lost', 'worker_lost_last_attempt', 'worker_lost_repeatedly', 'dependency_failed',
  'cancelled_by_owner', 'cancelled_by_admin', 'retried_by_owner', 'retried_by_admin');

-- The reason with its parameters: {code, jobId, times}.
create function gantry.status_cause(p_reason gantry.status_reason, p_failed_dependency_id uuid, p_losses smallint)
  returns jsonb language sql immutable return jsonb_strip_nulls(jsonb_build_object('code', p_reason,
    'jobId', p_failed_dependency_id, 'times', case p_reason when 'worker_lost_repeatedly' then p_losses end));

-- Narrow on purpose, since every claim and completion writes a row anew. Checkpoint, summary and a large input are in
-- automation_job_payloads.
--
-- Foreign keys would cost each row several look-ups. So there is none on the service, the queue and the worker: services
-- are never deleted, workers not while they have jobs, and queues only by a function that checks (docs/decisions/0004).
create table public.automation_jobs (
  id uuid primary key default gantry.new_id(),
  -- Breaks ties of rank, and orders lists. Not the order of commits.
  seq bigint generated always as identity unique,
  user_id uuid not null references auth.users (id) on delete cascade,
  service_id text not null,
  queue_name text not null,
  priority smallint not null default 0 check (priority between 0 and 2),
  run_at timestamptz not null default now(),
  max_attempts integer not null check (max_attempts between 1 and 100),
  timeout_ms integer not null check (timeout_ms between 1000 and 86400000),
  upload_id uuid references public.automation_uploads (id),
  idempotency_key text check (length(idempotency_key) between 1 and 200),
  payload_sha256 text check (payload_sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  -- The time from which its age counts: when it could first run, minus the head start of its priority. The lowest rank
  -- goes first.
  rank timestamptz not null default clock_timestamp(),
  -- Its place in the line, where it was last: its rank, or where the line started when it joined, if that was later.
  place timestamptz not null default clock_timestamp(),
  -- The finished job that this one repeats.
  rerun_of uuid references public.automation_jobs (id) on delete set null,
  -- null for none: most jobs have none, and then it takes no room. The check runs at every update of a job, so it calls
  -- the function only for jobs with tags.
  tags text[] check (tags is null or gantry.are_tags(tags)),
  -- The schedule that submitted it, while that exists, and the occurrence.
  schedule_id uuid references public.automation_schedules (id) on delete set null,
  scheduled_for timestamptz,
  -- What it was submitted with, up to 256 bytes. null: in automation_job_payloads.
  input jsonb,
  -- From here, what claims and ends write, side by side: Postgres logs the bytes between the first and the last that changed.
  status text not null default 'pending',
  status_reason gantry.status_reason not null default 'submitted',
  -- The job that did not complete, with the reason dependency_failed.
  failed_dependency_id uuid,
  -- Pending, due and not blocked: in gantry.ready_jobs, which claims read.
  is_ready boolean not null default true,
  -- Number of the current or last attempt. It only grows, so (id, attempt) is the fencing token.
  attempt integer not null default 0 check (attempt >= 0),
  -- Attempts that count against max_attempts. An attempt that a draining worker released does not count.
  attempts_used integer not null default 0 check (attempts_used >= 0),
  -- Number of the job's last event. Taken under the row's lock, so the events of a job have no gap. Event 1, the
  -- submission, has no row: this row says all of it.
  event_seq integer not null default 1,
  worker_id uuid,
  lease_expires_at timestamptz,
  started_at timestamptz,
  attempt_started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  progress_done integer check (progress_done >= 0),
  progress_total integer check (progress_total >= 0),
  step text check (length(step) <= 200),
  error_code text check (length(error_code) <= 80),
  -- Null for the errors that the queue itself finds: their text is made from the reason.
  error_message text check (length(error_message) <= 2000),
  -- How many of its dependencies are open. A job with an open dependency is pending and not ready.
  blocked_by integer not null default 0 check (blocked_by >= 0),
  -- Other jobs depend on this one, or did. The end of any other job need not look at the dependencies.
  has_dependents boolean not null default false,
  -- A worker was lost while it ran this job: it no longer runs beside another job of the same worker.
  runs_alone boolean not null default false,
  -- How often its worker was lost while it ran only this job, since it was submitted or retried by hand.
  losses smallint not null default 0 check (losses between 0 and 3),
  -- For indexes: a column that keeps its value while a job is claimed and completed keeps the update out of them.
  is_waiting boolean not null generated always as (status = 'pending' and not is_ready) stored,
  is_unsuccessful boolean not null generated always as (status in ('failed', 'cancelled')) stored,
  unfinished_schedule_id uuid generated always as (case when finished_at is null then schedule_id end) stored,
  -- One constraint for each status: every statement that writes a job reads the text of all constraints anew.
  constraint automation_jobs_status_check check (case status
    when 'pending' then not (is_ready and blocked_by > 0)
      and num_nonnulls(worker_id, lease_expires_at, finished_at, expires_at) = 0
    when 'processing' then not is_ready and blocked_by = 0
      and num_nulls(worker_id, lease_expires_at, attempt_started_at) = 0 and num_nonnulls(finished_at, expires_at) = 0
    else status in ('completed', 'failed', 'cancelled') and not is_ready and blocked_by = 0
      and num_nonnulls(worker_id, lease_expires_at) = 0 and num_nulls(finished_at, expires_at) = 0 end),
  constraint automation_jobs_attempts_check check (attempts_used <= max_attempts and attempts_used <= attempt),
  constraint automation_jobs_error_check check (
    case when error_code is null then error_message is null
      else error_message is not null or error_code in ('DEPENDENCY_FAILED', 'WORKER_LOST') end and (status <> 'failed' or error_code is not null)),
  constraint automation_jobs_idempotency_check check ((idempotency_key is null) = (payload_sha256 is null)),
  constraint automation_jobs_schedule_check check (schedule_id is null or scheduled_for is not null)
) with (
  -- A page has room for a second version of each row, so that a batch of jobs can be claimed within their pages. No index
  -- names a column that a claim or a completion changes, so both are heap-only updates (docs/decisions/0010).
  fillfactor = 45
);
-- Most jobs have no key, and then no entry.
create unique index automation_jobs_idempotency_key on public.automation_jobs (user_id, idempotency_key)
  where idempotency_key is not null;
create index automation_jobs_user_id_idx on public.automation_jobs (user_id, seq desc);
-- The rare statuses, which lists filter by. A list finds the others soon on its way back from the newest job.
create index automation_jobs_unsuccessful_idx on public.automation_jobs (seq) where is_unsuccessful;
create index automation_jobs_upload_id_idx on public.automation_jobs (upload_id) where upload_id is not null;
create index automation_jobs_rerun_of_idx on public.automation_jobs (rerun_of) where rerun_of is not null;
-- For a tag that few of many jobs have. Jobs without tags have no entry.
create index automation_jobs_tags_idx on public.automation_jobs using gin (tags) where tags is not null;
-- Blocked jobs are not due, whatever their time is.
create index automation_jobs_due_idx on public.automation_jobs (run_at) where is_waiting and blocked_by = 0;
create index automation_jobs_waiting_idx on public.automation_jobs (user_id, queue_name) where is_waiting;
create index automation_jobs_schedule_id_idx on public.automation_jobs (schedule_id) where schedule_id is not null;
-- Each occurrence of a schedule asks whether one of its jobs is unfinished, among all of the last week.
create index automation_jobs_unfinished_schedule_idx on public.automation_jobs (unfinished_schedule_id)
  where unfinished_schedule_id is not null;

-- Only for jobs that have one of these. Deleted with their job.
create table public.automation_job_payloads (
  job_id uuid primary key,
  input jsonb,
  checkpoint jsonb,
  summary jsonb
);

-- 16_hot_tables.sql

-- Narrow tables of the jobs that are ready, that run and that have ended. Each function that moves a job maintains them
-- in the statement that changes the job.

-- The jobs that are ready, in the order of claims.
create table gantry.ready_jobs (
  queue_name text not null,
  place timestamptz not null,
  rank timestamptz not null,
  seq bigint not null,
  job_id uuid not null,
  user_id uuid not null,
  service_id text not null,
  priority smallint not null,
  primary key (queue_name, place, rank, seq)
) with (
  -- All rows come and go: they are vacuumed by how many went, not by a share of how many there are.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
-- The next job of each user, to let users take turns.
create index ready_jobs_turn_idx on gantry.ready_jobs (queue_name, user_id, place, rank, seq);

create table gantry.running_jobs (
  queue_name text not null,
  -- As in the job. In a queue it never goes back, even if the clock does.
  attempt_started_at timestamptz not null,
  job_id uuid not null,
  user_id uuid not null,
  primary key (queue_name, attempt_started_at, job_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The jobs that have ended, in the order in which they expire.
create table gantry.expiring_jobs (
  expires_at timestamptz not null,
  job_id uuid not null,
  primary key (expires_at, job_id)
);

-- A cancelled attempt whose browser may still be alive: it counts against the limit of its queue until its worker
-- confirms that the browser is gone, or until its lease would have ended.
create table gantry.lingering_attempts (
  job_id uuid not null,
  attempt integer not null,
  queue_name text not null,
  held_until timestamptz not null,
  primary key (job_id, attempt)
);
create index lingering_attempts_queue_name_idx on gantry.lingering_attempts (queue_name);

-- 17_events.sql

create table public.automation_job_events (
  job_id uuid not null,
  seq integer not null check (seq > 1),
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
  -- The line of the user's file. null for rows that come from no file.
  line integer check (line > 0),
  primary key (job_id, row_index),
  constraint automation_job_rows_error_check check ((error_code is null) = (error_message is null))
);
comment on table public.automation_job_rows is
  'The answer for each row of the uploaded file, once: a retry skips these rows.';

-- Notifies listeners that these jobs have news. A notification carries ids and nothing else, as many as it holds (8,000
-- bytes).
create function gantry.notify_events(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform pg_notify('gantry_events', string_agg(t.id::text, ','))
  from unnest(p_job_ids) with ordinality t (id, n) group by (t.n - 1) / 200;
end $$;

-- Locks the job for a writing worker, or raises GQ001.
create function gantry.lock_job(p_job_id uuid, p_attempt integer) returns public.automation_jobs
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for update;
  if not found or v_job.status <> 'processing' or v_job.attempt <> p_attempt
    or v_job.lease_expires_at <= gantry.clock() then
    raise exception using errcode = 'GQ001', message = 'LEASE_LOST';
  end if;
  return v_job;
end $$;

-- Appends events `[{type, data}]`, types progress, step, log and row. A row that has an answer already is
-- left as it is, and writes no second event.
create function gantry.append_events(p_job_id uuid, p_attempt integer, p_events jsonb) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
  v_count integer;
begin
  with given as (
    select e.value ->> 'type' as type, e.value -> 'data' as data, e.ordinality as n
    from jsonb_array_elements(p_events) with ordinality e
  ), answered as (
    insert into public.automation_job_rows
      (job_id, row_index, line, row_key, status, data, error_code, error_message, attempt)
    select distinct on ((g.data ->> 'index')::integer) p_job_id, (g.data ->> 'index')::integer,
      (g.data ->> 'line')::integer, g.data ->> 'key', g.data ->> 'status', g.data -> 'data',
      g.data -> 'error' ->> 'code', g.data -> 'error' ->> 'message', p_attempt
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

create function gantry.save_checkpoint(p_job_id uuid, p_attempt integer, p_checkpoint jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform gantry.lock_job(p_job_id, p_attempt);
  insert into public.automation_job_payloads (job_id, checkpoint) values (p_job_id, p_checkpoint)
  on conflict (job_id) do update set checkpoint = excluded.checkpoint;
end $$;

-- 18_artifacts.sql

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
  -- The owner, for the storage quota: when a file is deleted with its job, the job is gone already.
  user_id uuid not null,
  unique (job_id, attempt, name)
);

create function gantry.own_artifact() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.user_id := (select j.user_id from public.automation_jobs j where j.id = new.job_id);
  return new;
end $$;
create trigger own_artifact before insert on public.automation_job_artifacts
  for each row execute function gantry.own_artifact();

-- Adds a file to an attempt, and an event. Does nothing if the same file was added before.
create function gantry.add_artifact(
  p_job_id uuid, p_attempt integer, p_artifact_id uuid, p_name text, p_content_type text, p_size_bytes bigint,
  p_sha256 text, p_storage_key text, p_row_index integer default null
) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
begin
  insert into public.automation_job_artifacts (id, job_id, attempt, name, content_type, size_bytes, sha256, storage_key, row_index)
  values (p_artifact_id, p_job_id, p_attempt, p_name, p_content_type, p_size_bytes, p_sha256, p_storage_key, p_row_index)
  on conflict do nothing;
  if not found then
    -- A repeated call, after its answer was lost, is no error.
    if exists (select from public.automation_job_artifacts a
        where a.id = p_artifact_id and a.job_id = p_job_id and a.attempt = p_attempt and a.sha256 = p_sha256) then
      return;
    end if;
    raise exception using errcode = 'GQ008', message = 'VALUE_INVALID', detail = jsonb_build_object('name', p_name);
  end if;
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  values (p_job_id, v_job.event_seq + 1, p_attempt, 'artifact', jsonb_strip_nulls(jsonb_build_object(
    'id', p_artifact_id, 'name', p_name, 'contentType', p_content_type, 'size', p_size_bytes, 'rowIndex', p_row_index)));
  update public.automation_jobs set event_seq = event_seq + 1 where id = p_job_id;
  perform pg_notify('gantry_events', p_job_id::text);
end $$;

-- 19_metrics.sql

create table public.job_execution_metrics (
  job_id uuid not null,
  attempt integer not null,
  service_id text not null,
  worker_id uuid,
  outcome text not null check (outcome in ('completed', 'retry', 'failed', 'cancelled', 'released', 'lost')),
  queue_wait_ms integer not null check (queue_wait_ms >= 0),
  run_ms integer not null check (run_ms >= 0),
  browser_launch_ms integer check (browser_launch_ms >= 0),
  browser_peak_memory_bytes bigint check (browser_peak_memory_bytes >= 0),
  created_at timestamptz not null default clock_timestamp(),
  -- What the browser cost, from its launch until it was gone.
  browser_is_warm boolean,
  browser_hand_over_ms integer,
  browser_close_ms integer,
  browser_cpu_ms bigint,
  browser_bytes_received bigint,
  browser_bytes_sent bigint,
  browser_requests integer,
  primary key (job_id, attempt),
  constraint job_execution_metrics_browser_check check (
    browser_hand_over_ms >= 0 and browser_close_ms >= 0 and browser_cpu_ms >= 0
    and browser_bytes_received >= 0 and browser_bytes_sent >= 0 and browser_requests >= 0)
);
create index job_execution_metrics_service_idx on public.job_execution_metrics (service_id, created_at desc);

-- Writes the metrics of an attempt. `p_job` is the row before its end.
create function gantry.measure_attempt(p_job public.automation_jobs, p_outcome text, p_browser jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
begin
  insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
    browser_launch_ms, browser_peak_memory_bytes, created_at)
  values (p_job.id, p_job.attempt, p_job.service_id, p_job.worker_id, p_outcome,
    gantry.elapsed_ms(p_job.run_at, p_job.attempt_started_at), gantry.elapsed_ms(p_job.attempt_started_at, v_now),
    (p_browser ->> 'launchMs')::integer, (p_browser ->> 'peakMemoryBytes')::bigint, v_now);
end $$;

-- What every end of an attempt does that lets another job start: it writes the metrics and notifies listeners.
create function gantry.end_attempt(p_job public.automation_jobs, p_outcome text, p_browser jsonb default '{}')
  returns void language plpgsql set search_path = '' as $$
begin
  perform gantry.measure_attempt(p_job, p_outcome, p_browser);
  perform pg_notify('gantry_events', p_job.id::text);
  perform pg_notify('gantry_jobs', p_job.queue_name);
end $$;

-- Adds the cost of the browser to an ended attempt, once. The caller may have lost the attempt: its browser was real.
-- Does nothing if the attempt has no metrics, because its job is gone or it has not ended.
create function gantry.record_browser_metrics(
  p_job_id uuid, p_attempt integer, p_is_warm boolean, p_launch_ms integer, p_hand_over_ms integer, p_close_ms integer,
  p_peak_memory_bytes bigint, p_cpu_ms bigint, p_bytes_received bigint, p_bytes_sent bigint, p_requests integer
) returns void language sql set search_path = '' as $$
  update public.job_execution_metrics set
    browser_is_warm = p_is_warm, browser_launch_ms = p_launch_ms, browser_hand_over_ms = p_hand_over_ms,
    browser_close_ms = p_close_ms, browser_peak_memory_bytes = p_peak_memory_bytes, browser_cpu_ms = p_cpu_ms,
    browser_bytes_received = p_bytes_received, browser_bytes_sent = p_bytes_sent, browser_requests = p_requests
  where job_id = p_job_id and attempt = p_attempt and browser_close_ms is null
$$;

-- 20_dependencies.sql

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

-- 21_state_machine.sql

-- Each function that moves a job writes the job, its event and its rows in the tables of 16_hot_tables.sql in one
-- statement. The triggers here hold for every writer: no job makes another transition, and what belongs to a job is
-- deleted with it.

-- The transitions of a job; every other one is refused. JOB_TRANSITIONS in packages/contract has the same pairs.
create function gantry.is_transition(p_from text, p_to text) returns boolean
  language sql immutable return (p_from, p_to) in (
    ('pending', 'processing'),    -- claimed
    ('pending', 'failed'),        -- a dependency failed
    ('pending', 'cancelled'),     -- cancelled, or a dependency failed
    ('processing', 'completed'),
    ('processing', 'failed'),     -- permanent error, or attempts used up
    ('processing', 'cancelled'),  -- cancelled: the worker loses the lease
    ('processing', 'pending'),    -- back-off, released by a draining worker, or rescued
    ('failed', 'pending'));       -- retried by hand

-- After the row, not before: a trigger before it would lock, and so write, each row twice.
create function gantry.refuse_transition() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'GQ011', message = 'TRANSITION_REFUSED',
    detail = jsonb_build_object('from', old.status, 'to', new.status);
end $$;
create trigger refuse_transition after update of status on public.automation_jobs
  for each row when (old.status <> new.status and not gantry.is_transition(old.status, new.status))
  execute function gantry.refuse_transition();

-- What the event of a transition says.
create function gantry.state_event(
  p_from text, p_to text, p_reason gantry.status_reason, p_error_code text, p_error_message text,
  p_failed_dependency_id uuid default null, p_losses smallint default null
) returns jsonb
  language sql immutable
  return jsonb_strip_nulls(jsonb_build_object('from', p_from, 'to', p_to,
    'cause', gantry.status_cause(p_reason, p_failed_dependency_id, p_losses),
    'errorCode', p_error_code, 'errorMessage', p_error_message));

-- Runs as the owner, as all functions that write do: also when an account is deleted.
create function gantry.delete_with_jobs() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  v_job_ids uuid[] := array(select d.id from deleted d);
begin
  delete from public.automation_job_events where job_id = any (v_job_ids);
  delete from public.automation_job_payloads where job_id = any (v_job_ids);
  delete from public.job_execution_metrics where job_id = any (v_job_ids);
  delete from gantry.ready_jobs r using deleted d
  where d.is_ready and r.queue_name = any (array[d.queue_name]) and r.user_id = any (array[d.user_id])
    and r.place = any (array[d.place]) and r.rank = any (array[d.rank]) and r.seq = any (array[d.seq]);
  delete from gantry.running_jobs r using deleted d
  where d.status = 'processing' and r.queue_name = any (array[d.queue_name])
    and r.attempt_started_at = any (array[d.attempt_started_at]) and r.job_id = any (array[d.id]);
  delete from gantry.expiring_jobs r using deleted d
  where r.expires_at = any (array[d.expires_at]) and r.job_id = any (array[d.id]);
  return null;
end $$;
create trigger delete_with_jobs after delete on public.automation_jobs
  referencing old table as deleted for each statement execute function gantry.delete_with_jobs();

create function gantry.truncate_with_jobs() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  truncate gantry.ready_jobs, gantry.running_jobs, gantry.expiring_jobs;
  return null;
end $$;
create trigger truncate_with_jobs after truncate on public.automation_jobs
  for each statement execute function gantry.truncate_with_jobs();

-- 22_starts.sql

-- Where the line of each queue starts, and what runs in it. While a snapshot is held, Postgres keeps the index entries of
-- jobs that have left. A claim that read them all would get slower with each job (docs/decisions/0016).

-- No job in the line has a lower place than first_place. It only grows. Only gantry.move_line_starts writes it.
create table gantry.line_starts (
  queue_name text primary key,
  first_place timestamptz not null
);

-- No running job of the queue has an attempt that started before first_attempt. It only grows. Only claims write it, under
-- the lock of the queue.
create table gantry.running_starts (
  queue_name text primary key,
  first_attempt timestamptz not null,
  moved_at timestamptz not null
);

create function gantry.starts_of(p_queue_name text, out first_place timestamptz, out first_attempt timestamptz)
  language sql stable set search_path = '' as $$
  select
    coalesce((select s.first_place from gantry.line_starts s where s.queue_name = p_queue_name), '-infinity'),
    coalesce((select s.first_attempt from gantry.running_starts s where s.queue_name = p_queue_name), '-infinity')
$$;

-- Each transaction calls this before the statement by which its jobs join a line. So that statement reads where the line
-- starts, and the line starts there until the transaction has ended.
create function gantry.enter_line() returns void
  language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock_shared(gantry.line_lock_class(), 0);
end $$;

-- The place of a job that joins a line now: its rank, or the start of the line if that is later. Of two jobs in a line, the
-- one with the lower rank does not have the higher place.
create function gantry.place_of(p_queue_name text, p_rank timestamptz) returns timestamptz
  language sql stable
  return greatest(p_rank, (select s.first_place from gantry.line_starts s where s.queue_name = p_queue_name));

-- Lets each line start at its first job or, if it is empty, at the last claim. Does nothing while jobs are joining a line.
create function gantry.move_line_starts() returns void
  language plpgsql set search_path = '' as $$
begin
  if not pg_try_advisory_xact_lock(gantry.line_lock_class(), 0) then
    return;
  end if;
  insert into gantry.line_starts as s (queue_name, first_place)
  select r.queue_name, coalesce(first.place, r.moved_at)
  from gantry.running_starts r
  cross join lateral gantry.starts_of(r.queue_name) starts
  left join lateral (
    select j.place from gantry.ready_jobs j
    where j.queue_name = r.queue_name and j.place >= starts.first_place
    order by j.place, j.rank, j.seq limit 1) first on true
  where coalesce(first.place, r.moved_at) > starts.first_place
  on conflict (queue_name) do update set first_place = excluded.first_place;
end $$;

-- Notes when the first of the attempts that run in a queue started, at most twice a second: each note leaves a version of
-- its row. The caller holds the lock of the queue, so no other claim starts an attempt there.
create function gantry.move_running_start(p_queue_name text, p_now timestamptz) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from gantry.running_starts s
  where s.queue_name = p_queue_name and s.moved_at > p_now - interval '500 milliseconds';
  if found then
    return;
  end if;
  insert into gantry.running_starts as s (queue_name, first_attempt, moved_at) values (p_queue_name, '-infinity', p_now)
  on conflict (queue_name) do update set
    first_attempt = coalesce((
      select j.attempt_started_at from gantry.running_jobs j
      where j.queue_name = s.queue_name and j.attempt_started_at >= s.first_attempt
      order by j.attempt_started_at, j.job_id limit 1), greatest(s.first_attempt, p_now)),
    moved_at = p_now;
end $$;

-- 30_job_quota.sql

-- How many jobs a user may submit until they are counted again. Divided into shares, so that submissions of one user
-- need not wait for each other: each takes from a share that is not locked, and locks it until it commits. A count locks
-- all shares.
create table gantry.job_allowances (
  user_id uuid not null references auth.users (id) on delete cascade,
  share smallint not null,
  jobs integer not null check (jobs >= 0),
  -- The quota that it was computed for. Another quota needs another count.
  max_unfinished integer not null,
  primary key (user_id, share)
);

create function gantry.count_unfinished_jobs(p_user_id uuid) returns integer
  language sql stable set search_path = '' as $$
  select (
      select count(*) from public.automation_jobs j where j.user_id = p_user_id and j.is_waiting
    )::integer + coalesce((
      select sum(ready.jobs + running.jobs)
      from public.automation_queues q
      cross join lateral (select count(*) as jobs from gantry.ready_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id) ready
      cross join lateral (select count(*) as jobs from gantry.running_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id) running), 0)::integer
$$;

-- Lets a user submit so many jobs, or fewer if the user would have too many unfinished ones. Returns how many. Jobs that
-- have finished since the last count are noticed when the allowance is used up. Until then it errs on the safe side.
create function gantry.allow_jobs(p_user_id uuid, p_count integer, p_max_unfinished integer) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_shares constant integer := 8;
  v_room integer;
  v_allowed integer;
begin
  begin
    update gantry.job_allowances a set jobs = a.jobs - p_count
    where (a.user_id, a.share) = (
      select c.user_id, c.share from gantry.job_allowances c
      where c.user_id = p_user_id and c.jobs >= p_count and c.max_unfinished = p_max_unfinished
      limit 1 for no key update skip locked);
    if found then
      return p_count;
    end if;
    -- A share that another session used up in this moment may be locked all the same. Undone, it is free again: who holds
    -- one while it waits for all of them, and who waits for that one, would wait for each other.
    raise exception using errcode = 'GQ099';
  exception when sqlstate 'GQ099' then
  end;
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

-- 31_storage_quota.sql

-- How much each user stores: uploads, and the files of jobs (results, evidence, traces). Triggers count it in the
-- transactions that write and delete the rows, so a crash loses nothing.
create table gantry.storage_usage (
  user_id uuid primary key references auth.users (id) on delete cascade,
  bytes bigint not null
);

create function gantry.count_artifacts() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into gantry.storage_usage as s (user_id, bytes)
  select n.user_id, sum(n.size_bytes) from new_files n group by n.user_id order by n.user_id
  on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
create trigger count_artifacts after insert on public.automation_job_artifacts
  referencing new table as new_files for each statement execute function gantry.count_artifacts();

create function gantry.count_upload() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into gantry.storage_usage as s (user_id, bytes) values (new.user_id, new.size_bytes)
  on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
-- At the end of the transaction: a submission that held the count while it waits for the jobs that it depends on would
-- wait for a worker that holds one of them and counts a file.
create constraint trigger count_upload after insert on public.automation_uploads
  deferrable initially deferred for each row execute function gantry.count_upload();

create function gantry.uncount_files() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  -- In one order, against deadlocks.
  perform from gantry.storage_usage s where s.user_id in (select o.user_id from old_files o) order by s.user_id for update;
  update gantry.storage_usage s set bytes = s.bytes - o.bytes
  from (select f.user_id, sum(f.size_bytes) as bytes from old_files f group by f.user_id) o where s.user_id = o.user_id;
  return null;
end $$;
create trigger uncount_files after delete on public.automation_job_artifacts
  referencing old table as old_files for each statement execute function gantry.uncount_files();
create trigger uncount_files after delete on public.automation_uploads
  referencing old table as old_files for each statement execute function gantry.uncount_files();

-- Raises GQ014 if the user stores more than p_max bytes, or would with p_more. It counts what this transaction has
-- stored, and no other transaction can store for the user until this one ends.
create function gantry.require_storage(p_user_id uuid, p_max bigint, p_more bigint) returns void
  language plpgsql set search_path = '' as $$
begin
  set constraints public.count_upload immediate;
  if (select s.bytes from gantry.storage_usage s where s.user_id = p_user_id) + p_more > p_max then
    raise exception using errcode = 'GQ014', message = 'STORAGE_QUOTA_EXCEEDED',
      detail = jsonb_build_object('maxBytes', p_max);
  end if;
end $$;

-- 32_submit.sql

-- Inserts pending jobs `[{userId, serviceId, input, uploadId, priority, runAt, idempotencyKey, payloadSha256, dependsOn:
-- [{jobId, onFailure}], tags, rerunOf}]`, each for itself: a job that is refused gets an SQLSTATE of the queue, and the
-- others are submitted all the same. The same idempotency key with the same payload returns the first job. Answers come
-- in any order; n counts from 1. Jobs with dependencies come by way of gantry.submit_linked_jobs, which checks these.
create function gantry.submit_jobs(p_jobs jsonb)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  c_most_in_row constant integer := 256;
  v_now timestamptz := gantry.clock();
  v_queues text[] := '{}';
  v_job record;
  v_first record;
begin
  perform gantry.enter_line();
  for v_job in
    with given as materialized (
      select g.n::integer as n, gantry.new_id() as id, g.user_id, g.service_id, coalesce(g.input, 'null') as input, g.upload_id,
        coalesce(g.priority, 0) as priority, coalesce(g.run_at, v_now) as run_at, g.idempotency_key, g.payload_sha256,
        g.depends_on, g.tags, g.rerun_of
      from rows from (jsonb_to_recordset(p_jobs) as (
        "userId" uuid, "serviceId" text, input jsonb, "uploadId" uuid, priority integer, "runAt" timestamptz,
        "idempotencyKey" text, "payloadSha256" text, "dependsOn" jsonb, tags text[], "rerunOf" uuid)) with ordinality
        g (user_id, service_id, input, upload_id, priority, run_at, idempotency_key, payload_sha256, depends_on, tags,
          rerun_of, n)
    ), starts as materialized (
      select s.queue_name, s.first_place from gantry.line_starts s
    ), uploads as (
      -- Locked, so that none is deleted before its job exists.
      select u.id, u.user_id from public.automation_uploads u
      where u.id in (select g.upload_id from given g) order by u.id for key share
    ), checked as (
      select g.*, s.queue_name, s.max_attempts, s.timeout_ms, q.priority_head_start_ms,
        case when s.id is null then 'GQ004'
          when g.upload_id is not null and not exists (
            select from uploads u where u.id = g.upload_id and u.user_id = g.user_id) then 'GQ006' end as refusal,
        case when g.depends_on is null then 0
          else (select count(distinct d."jobId") from jsonb_to_recordset(g.depends_on) d ("jobId" uuid)) end as blocked_by
      from given g
      left join public.automation_services s on s.id = g.service_id and s.is_enabled
      left join public.automation_queues q on q.name = s.queue_name
    ), ranked as (
      -- A microsecond apart, so that jobs submitted together keep their order.
      select c.*, c.run_at - gantry.milliseconds(c.priority * c.priority_head_start_ms - c.n / 1000.0) as rank
      from checked c where c.refusal is null
    ), inserted as (
      insert into public.automation_jobs (id, user_id, service_id, queue_name, priority, run_at, rank, place, is_ready,
        blocked_by, max_attempts, timeout_ms, upload_id, idempotency_key, payload_sha256, created_at, tags, rerun_of, input)
      select c.id, c.user_id, c.service_id, c.queue_name, c.priority, c.run_at,
        c.rank, greatest(c.rank, (select s.first_place from starts s where s.queue_name = c.queue_name)),
        c.run_at <= v_now and c.blocked_by = 0, c.blocked_by,
        c.max_attempts, c.timeout_ms, c.upload_id, c.idempotency_key,
        case when c.idempotency_key is not null then c.payload_sha256 end, v_now, nullif(c.tags, '{}'),
        -- By the primary key alone: on a new table the planner would read all jobs of the user.
        case when c.rerun_of is not null then (
          select case when r.user_id = c.user_id then r.id end from public.automation_jobs r where r.id = c.rerun_of) end,
        case when pg_column_size(c.input) <= c_most_in_row then c.input end
      -- By key, against deadlocks: the insert waits for another submission with the same key.
      from ranked c order by c.idempotency_key nulls first, c.user_id, c.n
      on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
      returning id, queue_name, place, rank, seq, user_id, service_id, priority, is_ready
    ), joined_line as (
      insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
      select i.queue_name, i.place, i.rank, i.seq, i.id, i.user_id, i.service_id, i.priority from inserted i where i.is_ready
    ), payloads as (
      insert into public.automation_job_payloads (job_id, input)
      select c.id, c.input from checked c join inserted i on i.id = c.id where pg_column_size(c.input) > c_most_in_row
    ), linked as (
      insert into public.automation_job_dependencies (job_id, depends_on_job_id, on_failure)
      select c.id, d."jobId", coalesce(d."onFailure", 'fail')
      from checked c join inserted i on i.id = c.id
      cross join jsonb_to_recordset(c.depends_on) d ("jobId" uuid, "onFailure" text)
      where c.depends_on is not null
      on conflict do nothing
    )
    select c.n, c.user_id, c.queue_name, c.idempotency_key, c.payload_sha256, c.refusal, i.id
    from checked c left join inserted i on i.id = c.id
  loop
    if v_job.id is not null and v_job.queue_name <> all (v_queues) then
      v_queues := v_queues || v_job.queue_name;
    end if;
    n := v_job.n;
    job_id := v_job.id;
    is_new := v_job.id is not null;
    refusal := v_job.refusal;
    if v_job.id is null and v_job.refusal is null then
      select j.id, j.payload_sha256 into v_first from public.automation_jobs j
      where j.user_id = v_job.user_id and j.idempotency_key = v_job.idempotency_key;
      if not found then
        -- The first job expired between the two statements: the key is free again.
        select s.job_id, s.is_new, s.refusal into job_id, is_new, refusal
        from gantry.submit_jobs(jsonb_build_array(p_jobs -> n - 1)) s;
      elsif v_first.payload_sha256 is distinct from v_job.payload_sha256 then
        refusal := 'GQ005';
      else
        job_id := v_first.id;
      end if;
    end if;
    return next;
  end loop;
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
end $$;

-- Submits jobs as gantry.submit_jobs does. Refuses a job that depends on one that does not exist or belongs to another
-- user, and jobs over the user's quota.
create function gantry.submit_linked_jobs(p_jobs jsonb, p_max_unfinished integer default null)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_of_user record;
  v_allowed integer;
  v_refused integer[] := '{}';
  v_missing integer[] := '{}';
  v_dependents integer[];
  v_depended_on uuid[];
  v_jobs jsonb := p_jobs;
  v_accepted integer[];
begin
  -- Before anything else is locked: a count waits for all other submissions of the user.
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

  select array_agg(g.n::integer), array_agg(d.job_id) into v_dependents, v_depended_on
  from jsonb_array_elements(p_jobs) with ordinality g (job, n)
  cross join rows from (jsonb_to_recordset(g.job -> 'dependsOn') as ("jobId" uuid)) d (job_id)
  where g.n <> all (v_refused);
  if v_depended_on is not null then
    -- Locked, so that none of them ends from here on. In the order in which ends lock: running jobs, then all others, each
    -- by id.
    perform from public.automation_jobs j
    where j.id = any (v_depended_on)
      -- With an offset, so that no plan looks up all jobs of the user.
      and exists (select from jsonb_to_recordset(p_jobs) u ("userId" uuid) where u."userId" = j.user_id offset 0)
    order by j.status <> 'processing', j.id for no key update;
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
  return query
    select coalesce(v_accepted[s.n], s.n), s.job_id, s.is_new, s.refusal from gantry.submit_jobs(coalesce(v_jobs, '[]')) s;

  if v_depended_on is not null then
    update public.automation_jobs j set has_dependents = true
    where j.id = any (v_depended_on) and not j.has_dependents
      and exists (select from public.automation_job_dependencies d where d.depends_on_job_id = j.id);
    perform gantry.settle_dependencies(array(
      select j.id from public.automation_jobs j where j.id = any (v_depended_on) and j.finished_at is not null));
  end if;
end $$;

-- Notes the schedule and the occurrence that a job was submitted for.
create function gantry.note_schedule(p_job_id uuid, p_schedule_id uuid, p_occurs_at timestamptz) returns void
  language sql volatile set search_path = '' as $$
  update public.automation_jobs set schedule_id = p_schedule_id, scheduled_for = p_occurs_at where id = p_job_id
$$;

-- 40_promote.sql

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

-- 41_turns.sql

-- The users whose jobs were claimed last from a queue, newest first, and when their turn ended: when the next user was
-- served, or not yet (infinity). A claim writes it under the lock of the queue, and only when another user is served.
-- The age of a job counts from the last turn of its user, if that is later (docs/decisions/0012).
create table gantry.queue_turns (
  queue_name text primary key,
  user_ids uuid[] not null,
  ended_at timestamptz[] not null,
  check (cardinality(user_ids) = cardinality(ended_at) and cardinality(user_ids) <= 100)
);

-- When each user had the last turn in a queue. For a user whose turn has not ended, that is p_now.
create function gantry.turns_of(p_queue_name text, p_now timestamptz) returns table (user_id uuid, served_at timestamptz)
  language sql stable set search_path = '' as $$
  select u.id, least(u.ended_at, p_now)
  from gantry.queue_turns t cross join unnest(t.user_ids, t.ended_at) u (id, ended_at)
  where t.queue_name = p_queue_name;
$$;

-- The rank of a job whose user was last served at that time (null: not lately): its age counts from then.
create function gantry.turn_rank(p_rank timestamptz, p_served_at timestamptz, p_priority integer, p_head_start_ms integer)
  returns timestamptz
  language sql immutable
  return case when p_served_at > p_rank
    then greatest(p_rank, p_served_at - gantry.milliseconds(p_head_start_ms * p_priority)) else p_rank end;

-- Records the users whose jobs a claim takes. The caller holds the lock of the queue.
create function gantry.record_turns(p_queue_name text, p_user_ids uuid[], p_now timestamptz) returns void
  language plpgsql set search_path = '' as $$
declare
  c_most_users constant integer := 100;
  v_user_ids uuid[] := array(select distinct u.id from unnest(p_user_ids) u (id) order by u.id limit c_most_users);
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

-- 42_claim.sql

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

-- 43_heartbeat.sql

-- Renews a worker and all its leases in one statement. Returns the attempts that it no longer holds.
create function gantry.heartbeat(
  p_worker_id uuid, p_job_ids uuid[], p_attempts integer[], p_lease_ms integer
) returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
begin
  update public.automation_workers set heartbeat_at = v_now
  where id = p_worker_id and status in ('active', 'draining');
  if not found then
    raise exception using errcode = 'GQ007', message = 'WORKER_UNKNOWN';
  end if;
  return query
    with held as (
      select h.job_id, h.attempt from unnest(p_job_ids, p_attempts) as h (job_id, attempt)
    ), still as (
      -- In one order, so that two statements over many jobs cannot wait for each other.
      select j.id from public.automation_jobs j join held on j.id = any (array[held.job_id]) and j.attempt = held.attempt
      where j.status = 'processing' and j.worker_id = p_worker_id and j.lease_expires_at > v_now
      order by held.job_id for no key update of j
    ), renewed as (
      update public.automation_jobs j set lease_expires_at = v_now + gantry.milliseconds(p_lease_ms)
      from still where j.id = any (array[still.id])
      returning j.id
    )
    select held.job_id, held.attempt from held where held.job_id not in (select id from renewed);
end $$;

-- 44_finish.sql

-- Completes attempts `[{jobId, attempt, summary, browser}]`, each for itself. Returns those that no longer held their
-- job; nothing of these was written.
create function gantry.complete_jobs(p_attempts jsonb, p_result_ttl_ms bigint)
  returns table (lost_job_id uuid, lost_attempt integer)
  language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
  v_completed uuid[];
  v_settling uuid[];
  v_queues text[];
begin
  -- In one order, against deadlocks.
  with given as materialized (
    select j.id, j.attempt, j.worker_id, g.summary, g.browser
    from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer, summary jsonb, browser jsonb)
    join public.automation_jobs j on j.id = any (array[g."jobId"]) and j.attempt = g.attempt
    order by g."jobId"
  ), completed as (
    update public.automation_jobs j set
      status = 'completed', status_reason = 'completed', event_seq = j.event_seq + 1, worker_id = null, lease_expires_at = null,
      finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
    from given g
    where j.id = any (array[g.id]) and j.attempt = g.attempt and j.status = 'processing' and j.lease_expires_at > v_now
    returning j.id, j.attempt, j.event_seq, j.user_id, j.service_id, j.queue_name, g.worker_id, j.run_at,
      j.attempt_started_at, j.expires_at, j.has_dependents, g.summary, g.browser
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select c.id, c.event_seq, c.attempt, 'state', '{"from": "processing", "to": "completed", "cause": {"code": "completed"}}'
    from completed c
  ), stopped as (
    delete from gantry.running_jobs r
    using (select c.queue_name, c.attempt_started_at, c.id from completed c offset 0) c
    where r.queue_name = any (array[c.queue_name]) and r.attempt_started_at = any (array[c.attempt_started_at])
      and r.job_id = any (array[c.id])
  ), expiring as (
    insert into gantry.expiring_jobs (expires_at, job_id) select c.expires_at, c.id from completed c
  ), summed_up as (
    insert into public.automation_job_payloads (job_id, summary)
    select c.id, c.summary from completed c where c.summary is not null
    on conflict (job_id) do update set summary = excluded.summary
  ), measured as (
    insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
      browser_launch_ms, browser_peak_memory_bytes, created_at)
    select c.id, c.attempt, c.service_id, c.worker_id, 'completed', gantry.elapsed_ms(c.run_at, c.attempt_started_at),
      gantry.elapsed_ms(c.attempt_started_at, v_now), (c.browser ->> 'launchMs')::integer,
      (c.browser ->> 'peakMemoryBytes')::bigint, v_now
    from completed c
  )
  select array_agg(c.id), array_agg(c.id) filter (where c.has_dependents), array_agg(distinct c.queue_name)
  into v_completed, v_settling, v_queues from completed c;
  perform gantry.settle_dependencies(v_settling);
  perform gantry.notify_events(v_completed);
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
  if cardinality(v_completed) = jsonb_array_length(p_attempts) then
    return;
  end if;
  return query
    select g."jobId", g.attempt from jsonb_to_recordset(p_attempts) g ("jobId" uuid, attempt integer)
    except select j.id, j.attempt from public.automation_jobs j where j.id = any (v_completed);
end $$;

-- Ends an attempt with an error. The job is pending again after a back-off that doubles, or failed if the error is
-- permanent or no attempt is left. The back-off is shortened by up to a quarter at random, so that jobs that failed
-- together do not return together. Returns the outcome, and when the job may run again.
create function gantry.fail_job(
  p_job_id uuid, p_attempt integer, p_error_code text, p_error_message text, p_is_permanent boolean,
  p_backoff_ms integer, p_max_backoff_ms integer, p_result_ttl_ms bigint, p_browser jsonb default '{}'
) returns table (outcome text, retry_at timestamptz)
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
  v_now timestamptz := gantry.clock();
  v_retry_at timestamptz;
  v_outcome text := 'failed';
begin
  if not p_is_permanent and v_job.attempts_used < v_job.max_attempts then
    v_outcome := 'retry';
    v_retry_at := v_now + gantry.milliseconds(
      least(p_max_backoff_ms, p_backoff_ms * 2.0 ^ least(v_job.attempts_used - 1, 30)) * (0.75 + random() * 0.25));
  end if;
  with ended as (
    update public.automation_jobs set
      status = case v_outcome when 'retry' then 'pending' else 'failed' end,
      status_reason = (case when v_outcome = 'retry' then 'retry' when p_is_permanent then 'permanent_error'
        else 'attempts_used_up' end)::gantry.status_reason,
      event_seq = event_seq + 1, error_code = left(p_error_code, 80), error_message = left(p_error_message, 2000),
      worker_id = null, lease_expires_at = null, run_at = coalesce(v_retry_at, run_at),
      finished_at = case v_outcome when 'failed' then v_now end,
      expires_at = case v_outcome when 'failed' then v_now + gantry.milliseconds(p_result_ttl_ms) end
    where id = p_job_id
    returning id, status, status_reason, attempt, event_seq, error_code, error_message, expires_at
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select e.id, e.event_seq, e.attempt, 'state',
      gantry.state_event('processing', e.status, e.status_reason, e.error_code, e.error_message)
    from ended e
  ), stopped as (
    delete from gantry.running_jobs r
    where r.queue_name = v_job.queue_name and r.attempt_started_at = v_job.attempt_started_at and r.job_id = v_job.id
  )
  insert into gantry.expiring_jobs (expires_at, job_id)
  select e.expires_at, e.id from ended e where e.expires_at is not null;
  perform gantry.end_attempt(v_job, v_outcome, p_browser);
  if v_job.has_dependents and v_outcome = 'failed' then
    perform gantry.settle_dependencies(array[p_job_id]);
  end if;
  return query select v_outcome, v_retry_at;
end $$;

-- A draining worker releases a job: it is pending again at once and the attempt does not count.
create function gantry.release_job(p_job_id uuid, p_attempt integer, p_browser jsonb default '{}') returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
begin
  perform gantry.enter_line();
  with released as (
    update public.automation_jobs set
      status = 'pending', status_reason = 'released', event_seq = event_seq + 1, is_ready = true,
      attempts_used = attempts_used - 1, worker_id = null, lease_expires_at = null, run_at = gantry.clock(),
      place = gantry.place_of(queue_name, rank)
    where id = p_job_id
    returning id, attempt, event_seq, queue_name, place, rank, seq, user_id, service_id, priority, error_code, error_message
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select r.id, r.event_seq, r.attempt, 'state',
      gantry.state_event('processing', 'pending', 'released', r.error_code, r.error_message)
    from released r
  ), stopped as (
    delete from gantry.running_jobs r
    where r.queue_name = v_job.queue_name and r.attempt_started_at = v_job.attempt_started_at and r.job_id = v_job.id
  )
  insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
  select r.queue_name, r.place, r.rank, r.seq, r.id, r.user_id, r.service_id, r.priority from released r;
  perform gantry.end_attempt(v_job, 'released', p_browser);
end $$;

-- 45_cancel.sql

-- Cancels a pending or running job. Does nothing if it is cancelled already. A running job is cancelled at once: its
-- worker loses the lease and is notified, and calls free_slot when the browser is dead (docs/decisions/0001).
create function gantry.cancel_job(p_job_id uuid, p_reason gantry.status_reason, p_result_ttl_ms bigint) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for no key update;
  if not found then
    raise exception using errcode = 'GQ002', message = 'JOB_NOT_FOUND';
  elsif v_job.status = 'cancelled' then
    return;
  elsif v_job.status in ('completed', 'failed') then
    raise exception using errcode = 'GQ003', message = 'JOB_ALREADY_FINISHED',
      detail = jsonb_build_object('status', v_job.status);
  end if;
  with cancelled as (
    update public.automation_jobs set
      status = 'cancelled', status_reason = p_reason, event_seq = event_seq + 1, is_ready = false, blocked_by = 0,
      worker_id = null, lease_expires_at = null,
      finished_at = v_now, expires_at = v_now + gantry.milliseconds(p_result_ttl_ms)
    where id = p_job_id
    returning id, attempt, event_seq, error_code, error_message, expires_at
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select c.id, c.event_seq, c.attempt, 'state',
      gantry.state_event(v_job.status, 'cancelled', p_reason, c.error_code, c.error_message)
    from cancelled c
  ), left_line as (
    delete from gantry.ready_jobs r
    where v_job.is_ready and r.queue_name = v_job.queue_name and r.user_id = v_job.user_id and r.place = v_job.place
      and r.rank = v_job.rank and r.seq = v_job.seq
  ), stopped as (
    delete from gantry.running_jobs r
    where v_job.status = 'processing' and r.queue_name = v_job.queue_name
      and r.attempt_started_at = v_job.attempt_started_at and r.job_id = v_job.id
  ), lingering as (
    insert into gantry.lingering_attempts (job_id, attempt, queue_name, held_until)
    select v_job.id, v_job.attempt, v_job.queue_name, v_job.lease_expires_at where v_job.status = 'processing'
  ), closed as (
    -- A job that ends no longer waits for others.
    update public.automation_job_dependencies d set is_open = false
    where v_job.blocked_by > 0 and d.job_id = p_job_id and d.is_open
  )
  insert into gantry.expiring_jobs (expires_at, job_id) select c.expires_at, c.id from cancelled c;
  if v_job.status = 'processing' then
    perform gantry.measure_attempt(v_job, 'cancelled', '{}');
    perform pg_notify('gantry_cancels', v_job.id::text);
  end if;
  perform pg_notify('gantry_events', v_job.id::text);
  if v_job.has_dependents then
    perform gantry.settle_dependencies(array[p_job_id]);
  end if;
end $$;

-- Cancels those of these jobs that have not finished. Returns how many.
create function gantry.cancel_jobs(p_job_ids uuid[], p_reason gantry.status_reason, p_result_ttl_ms bigint) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job_id uuid;
  v_count integer := 0;
begin
  -- All jobs that this may change, in the order in which ends of attempts lock: running jobs, then pending ones, each by id.
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

-- The worker of a cancelled attempt confirms that its browser is gone.
create function gantry.free_slot(p_job_id uuid, p_attempt integer) returns void
  language plpgsql set search_path = '' as $$
declare
  v_queue_name text;
begin
  delete from gantry.lingering_attempts where job_id = p_job_id and attempt = p_attempt
  returning queue_name into v_queue_name;
  if found then
    perform pg_notify('gantry_jobs', v_queue_name);
  end if;
end $$;

-- Deletes the lingering attempts whose time is over. Returns their queues.
create function gantry.free_lingering(p_now timestamptz) returns table (queue_name text)
  language sql volatile set search_path = '' as $$
  delete from gantry.lingering_attempts where held_until <= p_now returning queue_name
$$;

-- 46_retry.sql

-- Locks failed jobs and the jobs that they depend on, in the order in which ends lock: running jobs, then all others,
-- each by id.
create function gantry.hold_for_retry(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.automation_jobs j
  where j.id = any (p_job_ids || array(
    select d.depends_on_job_id from public.automation_job_dependencies d where d.job_id = any (p_job_ids)))
  order by j.status <> 'processing', j.id for no key update;
end $$;

-- Returns a failed job to the queue with all its attempts. Rows that have an answer keep it.
create function gantry.retry_job(p_job_id uuid, p_reason gantry.status_reason) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
  v_open integer;
  v_rank timestamptz;
begin
  perform gantry.hold_for_retry(array[p_job_id]);
  select * into v_job from public.automation_jobs j where j.id = p_job_id;
  -- The files of an expired job may be gone before the job is.
  if not found or v_job.expires_at <= v_now then
    raise exception using errcode = 'GQ002', message = 'JOB_NOT_FOUND';
  elsif v_job.status <> 'failed' then
    raise exception using errcode = 'GQ009', message = 'JOB_NOT_RETRYABLE',
      detail = jsonb_build_object('status', v_job.status);
  end if;
  perform gantry.enter_line();
  v_open := gantry.reopen_dependencies(p_job_id);
  select v_now - gantry.milliseconds(v_job.priority * q.priority_head_start_ms) into v_rank
  from public.automation_queues q where q.name = v_job.queue_name;
  with retried as (
    -- It still runs alone.
    update public.automation_jobs j set
      status = 'pending', status_reason = p_reason, event_seq = j.event_seq + 1, blocked_by = v_open, is_ready = v_open = 0,
      attempts_used = 0, losses = 0, run_at = v_now,
      rank = v_rank, place = gantry.place_of(j.queue_name, v_rank),
      failed_dependency_id = null, error_code = null, error_message = null, finished_at = null, expires_at = null
    where j.id = p_job_id
    returning j.id, j.attempt, j.event_seq, j.queue_name, j.place, j.rank, j.seq, j.user_id, j.service_id, j.priority, j.is_ready
  ), told as (
    insert into public.automation_job_events (job_id, seq, attempt, type, data)
    select r.id, r.event_seq, r.attempt, 'state', gantry.state_event('failed', 'pending', p_reason, null, null) from retried r
  ), revived as (
    delete from gantry.expiring_jobs e where e.expires_at = v_job.expires_at and e.job_id = v_job.id
  )
  insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
  select r.queue_name, r.place, r.rank, r.seq, r.id, r.user_id, r.service_id, r.priority from retried r where r.is_ready;
  perform pg_notify('gantry_events', p_job_id::text);
  perform pg_notify('gantry_jobs', v_job.queue_name);
end $$;

-- Retries those of these jobs that can be retried, in the order given. Returns how many.
create function gantry.retry_jobs(p_job_ids uuid[], p_reason gantry.status_reason) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job_id uuid;
  v_count integer := 0;
begin
  perform gantry.hold_for_retry(p_job_ids);
  foreach v_job_id in array p_job_ids loop
    begin
      perform gantry.retry_job(v_job_id, p_reason);
      v_count := v_count + 1;
    exception when sqlstate 'GQ002' or sqlstate 'GQ009' or sqlstate 'GQ012' then
      -- Deleted, retried by another caller, or dependent on a failed job.
    end;
  end loop;
  return v_count;
end $$;

-- 47_rescue.sql

-- Finds workers whose session has been gone for longer than the grace period and that have sent no heartbeat since, or
-- no heartbeat for very long. Their jobs, and every job whose lease has ended, are pending again, or failed after the
-- last attempt. Safe to run anywhere, any number of times at once.
--
-- A job may have killed its worker and may do so again. When several ran side by side, none is blamed: their attempts
-- do not count, but each runs alone from then on. A job whose worker dies while it runs alone uses up an attempt, and
-- fails after three such losses (docs/decisions/0005).
create function gantry.rescue_jobs(p_session_grace_ms integer, p_stuck_after_ms integer, p_result_ttl_ms bigint)
  returns table (job_id uuid, outcome text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  c_most_losses constant integer := 3;
  v_now timestamptz := gantry.clock();
  v_ended record;
  v_settling uuid[];
begin
  update public.automation_workers w
  set session_lost_at = case when w.session_lost_at is null then v_now end
  where w.id = any (array(
    select c.id from public.automation_workers c
    where c.status in ('active', 'draining') and (c.session_lost_at is null) = not exists (
      select from pg_catalog.pg_locks l
      where l.locktype = 'advisory' and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
        and l.classid = gantry.session_lock_class()::oid and l.objid = c.session_key::oid and l.objsubid = 2 and l.granted)
    for update skip locked));

  -- A heartbeat after the session was missed proves that the worker is alive and lost only its listener.
  update public.automation_workers set status = 'lost', stopped_at = v_now
  where id = any (array(
    select w.id from public.automation_workers w
    where w.status in ('active', 'draining')
      and ((w.session_lost_at < v_now - gantry.milliseconds(p_session_grace_ms) and w.heartbeat_at < w.session_lost_at)
        or w.heartbeat_at < v_now - gantry.milliseconds(p_stuck_after_ms))
    for update skip locked));

  perform gantry.enter_line();
  for v_ended in
    with running as materialized (
      select j.worker_id, count(*) as jobs
      from gantry.running_jobs r join public.automation_jobs j on j.id = any (array[r.job_id]) group by j.worker_id
    ), lost as materialized (
      select j.id, j.attempt, j.service_id, j.worker_id, j.queue_name, j.run_at, j.attempt_started_at, j.max_attempts,
        w.status <> 'stopped' as is_suspect,
        j.attempts_used - (f.is_forgiven)::integer as used, j.losses + (not f.is_forgiven)::integer as losses
      from gantry.running_jobs r
      join public.automation_jobs j on j.id = any (array[r.job_id])
      join public.automation_workers w on w.id = j.worker_id
      join running on running.worker_id = j.worker_id
      -- Not to blame: the worker stopped in good order and could not release the job, or it ran several.
      cross join lateral (select w.status = 'stopped' or running.jobs > 1 as is_forgiven) f
      where j.status = 'processing' and (j.lease_expires_at <= v_now or w.status in ('lost', 'stopped'))
      -- All jobs of a worker at once: a job left for the next call would be blamed as if it had run alone.
      for no key update of j skip locked
    ), evaluated as materialized (
      select l.*, l.used < l.max_attempts and l.losses < c_most_losses as is_rescued from lost l
    ), ended as (
      update public.automation_jobs j set
        status = case when d.is_rescued then 'pending' else 'failed' end,
        status_reason = (case when d.losses = c_most_losses then 'worker_lost_repeatedly'
          when d.is_rescued then 'worker_lost' else 'worker_lost_last_attempt' end)::gantry.status_reason,
        event_seq = j.event_seq + 1, is_ready = d.is_rescued, worker_id = null, lease_expires_at = null,
        attempts_used = d.used, losses = d.losses, runs_alone = j.runs_alone or d.is_suspect,
        place = gantry.place_of(j.queue_name, j.rank), run_at = v_now, error_code = 'WORKER_LOST', error_message = null,
        finished_at = case when not d.is_rescued then v_now end,
        expires_at = case when not d.is_rescued then v_now + gantry.milliseconds(p_result_ttl_ms) end
      from evaluated d where j.id = any (array[d.id])
      returning j.id, j.status, j.status_reason, j.losses, j.attempt, j.event_seq, j.error_code, j.error_message, j.is_ready,
        j.queue_name, j.place, j.rank, j.seq, j.user_id, j.service_id, j.priority, j.attempt_started_at, j.expires_at,
        j.has_dependents
    ), written as (
      insert into public.automation_job_events (job_id, seq, attempt, type, data)
      select e.id, e.event_seq, e.attempt, 'state',
        gantry.state_event('processing', e.status, e.status_reason, e.error_code, null, null, e.losses)
      from ended e
    ), stopped as (
      delete from gantry.running_jobs r
      using (select e.queue_name, e.attempt_started_at, e.id from ended e offset 0) e
      where r.queue_name = any (array[e.queue_name]) and r.attempt_started_at = any (array[e.attempt_started_at])
        and r.job_id = any (array[e.id])
    ), joined_line as (
      insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
      select e.queue_name, e.place, e.rank, e.seq, e.id, e.user_id, e.service_id, e.priority from ended e where e.is_ready
    ), expiring as (
      insert into gantry.expiring_jobs (expires_at, job_id)
      select e.expires_at, e.id from ended e where e.expires_at is not null
    ), measured as (
      insert into public.job_execution_metrics (job_id, attempt, service_id, worker_id, outcome, queue_wait_ms, run_ms,
        created_at)
      select d.id, d.attempt, d.service_id, d.worker_id, 'lost', gantry.elapsed_ms(d.run_at, d.attempt_started_at),
        gantry.elapsed_ms(d.attempt_started_at, v_now), v_now
      from evaluated d
    )
    select e.id, e.queue_name, e.status, e.has_dependents from ended e
  loop
    perform pg_notify('gantry_events', v_ended.id::text);
    perform pg_notify('gantry_jobs', v_ended.queue_name);
    job_id := v_ended.id;
    outcome := case v_ended.status when 'failed' then 'failed' else 'rescued' end;
    if v_ended.has_dependents and v_ended.status = 'failed' then
      v_settling := v_settling || v_ended.id;
    end if;
    return next;
  end loop;
  perform gantry.settle_dependencies(v_settling);

  -- Cancelled attempts whose worker has not confirmed that the browser is gone.
  perform pg_notify('gantry_jobs', freed.queue_name) from gantry.free_lingering(v_now) freed;

  -- Last, since it locks waiting jobs, and an end above may have to wait for these.
  perform gantry.promote_due_jobs();
  -- Jobs that join a line wait from here until this ends.
  perform gantry.move_line_starts();
end $$;

-- 48_expire.sql

-- Finished jobs whose results have expired, with every file of theirs. The caller deletes the files first and the rows
-- after, so that a crash between leaves work to repeat and no unknown file.
create function gantry.find_expired_jobs(p_limit integer) returns table (job_id uuid, storage_keys text[])
  language plpgsql stable set search_path = '' as $$
declare
  v_now timestamptz := gantry.clock();
begin
  return query
    select j.id, array(select a.storage_key from public.automation_job_artifacts a where a.job_id = j.id)
    from gantry.expiring_jobs e join public.automation_jobs j on j.id = any (array[e.job_id])
    where e.expires_at <= v_now and not (j.has_dependents and gantry.is_needed(j.id, v_now))
    order by e.expires_at limit p_limit;
end $$;

create function gantry.delete_expired_jobs(p_job_ids uuid[]) returns integer
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

-- Makes the results of a finished job expire now, unless a job that depends on it may still need them. Returns whether
-- it did, the job's upload and the keys of its files.
create function gantry.expire_job(p_job_id uuid, out is_expired boolean, out upload_id uuid, out storage_keys text[])
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
  v_now timestamptz := gantry.clock();
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for no key update;
  is_expired := found and v_job.finished_at is not null and not (v_job.has_dependents and gantry.is_needed(p_job_id, v_now));
  if is_expired then
    upload_id := v_job.upload_id;
    storage_keys := array(select a.storage_key from public.automation_job_artifacts a where a.job_id = p_job_id);
    update public.automation_jobs set expires_at = v_now where id = p_job_id;
    update gantry.expiring_jobs e set expires_at = v_now where e.expires_at = v_job.expires_at and e.job_id = p_job_id;
  end if;
end $$;

-- 49_move_waiting_jobs.sql

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

-- 50_maintenance_rounds.sql

-- Work that one process at a time does for all of them, such as looking for files that no row names: when it last began.
create table gantry.maintenance_rounds (
  name text primary key check (name = 'sweep'),
  begun_at timestamptz not null
);

-- Whether it is this caller's turn: true once in each interval, however many callers ask.
create function gantry.begin_round(p_name text, p_interval_ms double precision) returns boolean
  language sql set search_path = '' as $$
  with begun as (
    insert into gantry.maintenance_rounds as r (name, begun_at) values (p_name, gantry.clock())
    on conflict (name) do update set begun_at = excluded.begun_at
      where r.begun_at <= excluded.begun_at - gantry.milliseconds(p_interval_ms)
    returning 1)
  select exists (select from begun)
$$;

-- 60_position.sql

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

-- 61_describe_wait.sql

-- Why a pending job waits. packages/contract has the same codes, and the parameters of each; a test compares the two.
create type gantry.wait_reason as enum ('next', 'ahead', 'more_ahead', 'queue_paused', 'no_worker', 'blocked', 'scheduled',
  'retrying');

-- The position of a job in its queue, the reason why it waits, and, if its wait can be estimated, the inputs of the
-- estimate. Reads a bounded number of rows, however many jobs there are.
--
-- {position, reason: {code, count, at}, wait: null | {dueInMs, isBound, limit, slots, running: [{serviceId, isOwnQueue, elapsedMs, done}],
--   lingeringMs: [], ahead: {service: jobs}, elsewhere: [{limit, ahead}], services: {id: {timeoutMs, runMs: []}}}}
create function gantry.describe_wait(p_job_id uuid) returns jsonb
  language plpgsql stable set search_path = '' as $$
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
  v_code gantry.wait_reason;
  v_reason jsonb;
  v_running jsonb;
  v_elsewhere jsonb;
  v_involved text[];
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id;
  if not found or v_job.status <> 'pending' then
    return jsonb_build_object('position', case when v_job.status = 'processing' then 0 end);
  end if;
  select * into v_queue from public.automation_queues q where q.name = v_job.queue_name;

  -- The workers that could run it.
  select array_agg(w.id), sum(w.concurrency), bool_or(w.queues is null) into v_workers, v_slots, v_serves_all
  from public.automation_workers w
  where w.status = 'active' and v_job.service_id = any (w.services)
    and (w.queues is null or v_job.queue_name = any (w.queues));

  if v_job.blocked_by > 0 then
    v_code := 'blocked';
    return jsonb_build_object('position', null,
      'reason', jsonb_build_object('code', v_code, 'count', v_job.blocked_by));
  end if;

  select a.jobs, a.by_service into v_ahead, v_by_service
  from gantry.jobs_ahead_by_turns(v_job, coalesce(least(v_slots, v_queue.concurrency_limit), 1) <= 1, c_most_turns) a;
  if v_ahead is null then
    select a.jobs, a.by_service into v_ahead, v_by_service
    from gantry.jobs_ahead(v_job.queue_name, v_job.rank, v_job.seq, c_most_ahead + 1) a;
  end if;
  v_is_bound := v_ahead > c_most_ahead;

  if v_job.run_at > v_now then
    v_code := case when v_job.attempt > 0 then 'retrying' else 'scheduled' end;
    v_reason := jsonb_build_object('code', v_code,
      'at', to_char(v_job.run_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
  else
    v_position := least(v_ahead, c_most_ahead) + 1;
    v_code := case
      when v_queue.is_paused or v_queue.concurrency_limit = 0 then 'queue_paused'
      when v_slots is null then 'no_worker'
      when v_is_bound then 'more_ahead'
      when v_ahead > 0 then 'ahead'
      else 'next' end;
    v_reason := jsonb_strip_nulls(jsonb_build_object('code', v_code,
      'count', case when v_code in ('ahead', 'more_ahead') then least(v_ahead, c_most_ahead) end));
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
      -- The progress of a later attempt includes what earlier ones did.
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
            where j.queue_name = c.name and j.place <= gantry.place_of(c.name, v_job.rank) and (j.rank, j.seq) < (v_job.rank, v_job.seq))) q
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

-- 62_figures.sql

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

-- 63_accounts.sql

-- What the queue has to know of accounts. The service role may not read the schema `auth`, so these functions run as
-- their owner.

-- Whether a session was opened by this user and has not been ended since.
create function gantry.is_session_open(p_session_id uuid, p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id = p_session_id and u.id = p_user_id and u.deleted_at is null
      and (s.not_after is null or s.not_after > gantry.clock())
      and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

-- Whether this user could sign in now: schedules of other users do not fire.
create function gantry.is_account_open(p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.users u
    where u.id = p_user_id and u.deleted_at is null and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

create function gantry.email_of(p_user_id uuid) returns text
  language sql stable security definer set search_path = '' as $$
  select email::text from auth.users where id = p_user_id
$$;

-- Whether the bearer of these claims acts as an admin now. The database decides: a token is valid for an hour and says
-- what was true when it was issued. A program that a user has authorised (OAuth, `client_id`) never acts as an admin, and
-- a user with a second factor only after signing in with it. In PL/pgSQL, which keeps a plan for each session: an SQL
-- function is planned at each call, and that was most of the time of a policy.
create function gantry.has_admin_rights(p_claims jsonb) returns boolean
  language plpgsql stable security definer set search_path = '' as $$
declare
  v_user_id constant uuid := p_claims ->> 'sub';
begin
  return not coalesce(p_claims ? 'client_id', true) and exists (
    select from auth.users u
    where u.id = v_user_id and u.deleted_at is null and u.raw_app_meta_data ->> 'role' = 'admin'
      and (u.banned_until is null or u.banned_until < gantry.clock())
      and (p_claims ->> 'aal' = 'aal2' or not exists (
        select from auth.mfa_factors f where f.user_id = u.id and f.status = 'verified')));
end $$;

-- The same for the caller, for policies. `authenticated` may execute it, but not by name: it has no usage of the schema.
create function gantry.caller_has_admin_rights() returns boolean
  language plpgsql stable security definer set search_path = '' as $$
begin
  return gantry.has_admin_rights(auth.jwt());
end $$;

-- 64_live_views.sql

-- Live view: an API process with viewers requests pictures here. The worker that runs the attempt takes the request and
-- sends them. A request is valid for ten seconds, and the table is empty while there are no viewers (docs/decisions/0008).
-- Unlogged: the secrets in it reach no archive and no replica, and after a crash there is nothing to keep.
create unlogged table gantry.live_views (
  -- Proves to the API who sends the pictures. A worker that takes the request deletes it; the API keeps only its hash.
  token text primary key check (length(token) between 32 and 100),
  job_id uuid not null,
  attempt integer not null,
  size text not null check (size in ('full', 'small')),
  -- Where workers reach the API process that asks.
  url text not null check (length(url) between 1 and 2000),
  expires_at timestamptz not null
);

-- Requests pictures of an attempt. Does nothing if the attempt has ended.
create function gantry.request_live_view(
  p_token text, p_job_id uuid, p_attempt integer, p_size text, p_url text, p_ttl_ms integer
) returns void
  language plpgsql set search_path = '' as $$
begin
  delete from gantry.live_views where expires_at <= gantry.clock();
  insert into gantry.live_views (token, job_id, attempt, size, url, expires_at)
  select p_token, j.id, j.attempt, p_size, p_url, gantry.clock() + gantry.milliseconds(p_ttl_ms)
  from public.automation_jobs j
  where j.id = p_job_id and j.attempt = p_attempt and j.status = 'processing';
  -- The id and nothing else. Workers also poll.
  if found then
    perform pg_notify('gantry_live', p_job_id::text);
  end if;
end $$;

-- Takes the requests for these attempts, each once, and only for attempts that this worker still holds.
create function gantry.take_live_views(p_worker_id uuid, p_job_ids uuid[], p_attempts integer[], p_limit integer)
  returns table (token text, job_id uuid, attempt integer, size text, url text)
  language sql set search_path = '' as $$
  delete from gantry.live_views v
  where v.token in (
    select w.token from gantry.live_views w
    join unnest(p_job_ids, p_attempts) held (job_id, attempt) on held.job_id = w.job_id and held.attempt = w.attempt
    join public.automation_jobs j on j.id = w.job_id and j.attempt = w.attempt
    where j.status = 'processing' and j.worker_id = p_worker_id and w.expires_at > gantry.clock()
    order by w.expires_at limit p_limit)
  returning v.token, v.job_id, v.attempt, v.size, v.url
$$;

-- The running jobs, longest first, and their users: for the grid of the console.
create function gantry.find_running(p_limit integer)
  returns table (job_id uuid, attempt integer, service_name text, file_name text, user_email text, started_at timestamptz)
  language sql stable set search_path = '' as $$
  select j.id, j.attempt, s.name, f.file_name, gantry.email_of(j.user_id), j.attempt_started_at
  from gantry.running_jobs r
  join public.automation_jobs j on j.id = any (array[r.job_id])
  join public.automation_services s on s.id = j.service_id
  left join public.automation_uploads f on f.id = j.upload_id
  order by j.attempt_started_at, j.id limit p_limit
$$;

-- 90_policies.sql

-- Row level security is enabled on every table. A table without a policy is read by the service role only.

alter table public.automation_queues enable row level security;
alter table public.automation_services enable row level security;
alter table public.automation_workers enable row level security;
alter table public.automation_uploads enable row level security;
alter table public.automation_schedules enable row level security;
alter table public.automation_schedule_occurrences enable row level security;
alter table public.automation_jobs enable row level security;
alter table public.automation_job_payloads enable row level security;
alter table public.automation_job_events enable row level security;
alter table public.automation_job_rows enable row level security;
alter table public.automation_job_artifacts enable row level security;
alter table public.automation_job_dependencies enable row level security;
alter table public.job_execution_metrics enable row level security;
alter table gantry.ready_jobs enable row level security;
alter table gantry.running_jobs enable row level security;
alter table gantry.expiring_jobs enable row level security;
alter table gantry.lingering_attempts enable row level security;
alter table gantry.job_allowances enable row level security;
alter table gantry.storage_usage enable row level security;
alter table gantry.line_starts enable row level security;
alter table gantry.running_starts enable row level security;
alter table gantry.queue_turns enable row level security;
alter table gantry.maintenance_rounds enable row level security;
alter table gantry.job_figures enable row level security;
alter table gantry.live_views enable row level security;

-- A function in parentheses with `select` is called once for a query, not once for a row.
create policy "own jobs, or all for an admin" on public.automation_jobs for select to authenticated
  using (user_id = (select auth.uid()) or (select gantry.caller_has_admin_rights()));
create policy "own uploads, or all for an admin" on public.automation_uploads for select to authenticated
  using (user_id = (select auth.uid()) or (select gantry.caller_has_admin_rights()));
create policy "own schedules, or all for an admin" on public.automation_schedules for select to authenticated
  using (user_id = (select auth.uid()) or (select gantry.caller_has_admin_rights()));
create policy "services on offer, or all for an admin" on public.automation_services for select to authenticated
  using (is_enabled or (select gantry.caller_has_admin_rights()));
create policy "admins only" on public.automation_queues for select to authenticated
  using ((select gantry.caller_has_admin_rights()));
create policy "admins only" on public.automation_workers for select to authenticated
  using ((select gantry.caller_has_admin_rights()));

-- Who may see a job or a schedule may also see the rows that belong to it.
create policy "of jobs one may see" on public.automation_job_payloads for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_events for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_rows for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_artifacts for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.automation_job_dependencies for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of jobs one may see" on public.job_execution_metrics for select to authenticated
  using (exists (select from public.automation_jobs j where j.id = job_id));
create policy "of schedules one may see" on public.automation_schedule_occurrences for select to authenticated
  using (exists (select from public.automation_schedules s where s.id = schedule_id));

-- 98_planner.sql

-- The settings of the planner, function by function. A queue is empty one minute and full the next, and a plan that was
-- made for a small table, which reads and sorts all of it, would stay when the table has grown. So each function switches
-- off what could tempt the planner away from the look-ups by key that it is written for (packages/core/tests/schema/plans.test.ts and
-- kept-plans.test.ts count the rows that they touch).
do $$
declare
  v_profile record;
  v_name text;
  v_setting text;
begin
  for v_profile in
    select * from (values
      -- Rows by their keys.
      ('{lock_job, append_events, save_checkpoint, add_artifact, find_waiting, reopen_dependencies, record_turns, heartbeat,
         move_running_start, fail_job, release_job, cancel_job, cancel_jobs, hold_for_retry, retry_job, expire_job,
         delete_expired_jobs}'::text[],
       '{enable_seqscan = off}'::text[]),
      -- Rows that are joined to sets of keys. `= any (array[x])` in these means `= x`, and leaves only a look-up by the key.
      ('{delete_with_jobs, submit_linked_jobs, find_running}',
       '{enable_seqscan = off, enable_hashjoin = off, enable_mergejoin = off}'),
      ('{complete_jobs, rescue_jobs, move_waiting_jobs}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_hashjoin = off, enable_mergejoin = off}'),
      ('{claim_jobs}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off, enable_hashjoin = off,
         enable_mergejoin = off}'),
      ('{submit_jobs}', '{plan_cache_mode = force_generic_plan, enable_seqscan = off}'),
      -- Whatever its caller has set: a nested loop would read all jobs.
      ('{settle_dependencies}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_hashjoin = on, enable_mergejoin = off}'),
      -- The first rows of an index. Without sorts, the planner finds them by the index that has their order.
      ('{promote_due_jobs, move_line_starts}', '{enable_seqscan = off, enable_bitmapscan = off, enable_sort = off}'),
      ('{find_expired_jobs}',
       '{plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off, enable_sort = off}'),
      ('{choose_jobs, jobs_ahead, jobs_ahead_by_turns}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off, enable_sort = off}'),
      ('{describe_wait}',
       '{jit = off, plan_cache_mode = force_generic_plan, enable_seqscan = off, enable_bitmapscan = off}'),
      -- One process: claims need the other processors.
      ('{count_jobs}', '{jit = off, max_parallel_workers_per_gather = 0}')
    ) p (functions, settings)
  loop
    foreach v_name in array v_profile.functions loop
      foreach v_setting in array v_profile.settings loop
        execute format('alter function gantry.%I set %s', v_name, v_setting);
      end loop;
    end loop;
  end loop;
end $$;

-- 99_grants.sql

-- Supabase installations differ in what they grant by default. So everything is revoked first.
revoke all on schema gantry from public, anon, authenticated, service_role;
revoke all on all tables in schema gantry from public, anon, authenticated, service_role;
revoke execute on all functions in schema gantry from public, anon, authenticated, service_role;
revoke all on public.automation_queues, public.automation_services, public.automation_workers,
  public.automation_uploads, public.automation_schedules, public.automation_schedule_occurrences, public.automation_jobs,
  public.automation_job_payloads, public.automation_job_events, public.automation_job_rows,
  public.automation_job_artifacts, public.automation_job_dependencies, public.job_execution_metrics
  from anon, authenticated, service_role;
revoke all on sequence public.automation_jobs_seq_seq from anon, authenticated, service_role;

-- Users: what the policies show, and no function by name.
grant select on public.automation_queues, public.automation_services, public.automation_workers,
  public.automation_uploads, public.automation_schedules, public.automation_schedule_occurrences, public.automation_jobs,
  public.automation_job_payloads, public.automation_job_events, public.automation_job_rows,
  public.automation_job_artifacts, public.automation_job_dependencies, public.job_execution_metrics
  to authenticated;
grant execute on function gantry.caller_has_admin_rights() to authenticated;

-- The service role: API, workers and scheduler. It reads every table. Jobs and all that belongs to them it changes only by
-- the functions below, which act as the owner of the tables: so nothing else writes them (docs/decisions/0015).
grant usage on schema gantry to service_role;
grant execute on all functions in schema gantry to service_role;
grant select on all tables in schema gantry to service_role;
grant select on public.automation_jobs, public.automation_job_payloads, public.automation_job_events,
  public.automation_job_rows, public.automation_job_artifacts, public.automation_job_dependencies,
  public.job_execution_metrics, public.automation_workers
  to service_role;
do $$
declare
  v_function regprocedure;
begin
  -- What a function may write, it declares by being volatile. The clock and new ids are parsed, to be inlined.
  for v_function in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'gantry'::regnamespace and p.provolatile = 'v' and p.prosqlbody is null
  loop
    execute format('alter function %s security definer', v_function);
  end loop;
end $$;
-- What an admin or a user arranges. Services and queues are never deleted.
grant select, insert, update, delete on public.automation_uploads, public.automation_schedules to service_role;
grant select, insert, delete on public.automation_schedule_occurrences to service_role;
grant select, insert, update on public.automation_services, public.automation_queues to service_role;
-- Workers that have ended are swept away.
grant delete on public.automation_workers to service_role;

comment on schema gantry is 'Baseline ce1a3147b049338c';
