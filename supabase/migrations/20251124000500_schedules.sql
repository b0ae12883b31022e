-- Schedules: a cron expression and what to submit at each of its times.
--
-- Each tick becomes one job at most, however many processes look after schedules: who fires a schedule
-- holds its row, and the job, the tick and the next time are written in one transaction.

create table public.automation_schedules (
  id uuid primary key default gantry.new_id(),
  user_id uuid not null references auth.users (id) on delete cascade,
  name text not null check (length(name) between 1 and 120),
  service_id text not null references public.automation_services (id),
  input jsonb not null,
  -- Kept as long as the schedule needs it: without `on delete`, nobody can delete it.
  upload_id uuid references public.automation_uploads (id),
  priority smallint not null default 0 check (priority between 0 and 2),
  tags text[] check (gantry.are_tags(tags)),
  cron text not null check (length(cron) between 1 and 120),
  -- Of the IANA database. Which ones there are, Node knows.
  time_zone text not null check (length(time_zone) between 1 and 64),
  -- What becomes of a tick while a job of an earlier one has not finished.
  overlap text not null default 'skip' check (overlap in ('skip', 'queue')),
  is_paused boolean not null default false,
  next_fire_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint automation_schedules_next_check check (is_paused = (next_fire_at is null))
);
create index automation_schedules_user_id_idx on public.automation_schedules (user_id, id desc);
create index automation_schedules_service_id_idx on public.automation_schedules (service_id);
create index automation_schedules_upload_id_idx on public.automation_schedules (upload_id) where upload_id is not null;
create index automation_schedules_due_idx on public.automation_schedules (next_fire_at) where next_fire_at is not null;

create table public.automation_schedule_fires (
  schedule_id uuid not null references public.automation_schedules (id) on delete cascade,
  -- The time that the schedule said, not when somebody came to it.
  fire_at timestamptz not null,
  outcome text not null check (outcome in ('submitted', 'skipped', 'refused')),
  reason_code text check (length(reason_code) <= 80),
  reason_message text check (length(reason_message) <= 2000),
  -- Outlives the job, which expires.
  job_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (schedule_id, fire_at),
  constraint automation_schedule_fires_job_check check ((outcome = 'submitted') = (job_id is not null)),
  constraint automation_schedule_fires_reason_check check (
    (outcome = 'submitted') = (reason_code is null) and (reason_code is null) = (reason_message is null))
);
comment on table public.automation_schedule_fires is 'What became of the last ticks of each schedule, each once.';

alter table public.automation_jobs
  -- The schedule that submitted it, as long as there is one, and the tick that it stands for.
  add column schedule_id uuid references public.automation_schedules (id) on delete set null,
  add column scheduled_for timestamptz,
  add constraint automation_jobs_schedule_check check (schedule_id is null or scheduled_for is not null);
-- By its end too: whether a job of a schedule is unfinished is asked at each tick, among all that it left in a week.
create index automation_jobs_schedule_id_idx on public.automation_jobs (schedule_id, finished_at)
  where schedule_id is not null;

alter table public.automation_schedules enable row level security;
alter table public.automation_schedule_fires enable row level security;
revoke all on public.automation_schedules, public.automation_schedule_fires from anon, authenticated, service_role;
grant select on public.automation_schedules, public.automation_schedule_fires to authenticated;
grant select, insert, update, delete on public.automation_schedules to service_role;
grant select, insert, delete on public.automation_schedule_fires to service_role;
create policy "own schedules, or all for an admin" on public.automation_schedules for select to authenticated
  using (user_id = (select auth.uid()) or (select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');
create policy "of schedules one may see" on public.automation_schedule_fires for select to authenticated
  using (exists (select from public.automation_schedules s where s.id = schedule_id));

-- Whether somebody could sign in now: nobody else's schedules fire. The service role may not read the schema `auth`.
create function gantry.is_account_open(p_user_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from auth.users u
    where u.id = p_user_id and u.deleted_at is null and (u.banned_until is null or u.banned_until < gantry.clock()))
$$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
