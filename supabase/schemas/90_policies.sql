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
