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
