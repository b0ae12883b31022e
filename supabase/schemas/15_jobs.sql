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
