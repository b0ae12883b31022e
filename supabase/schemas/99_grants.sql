-- Supabase installations differ in what they grant by default. So everything is revoked first.
revoke all on schema gantry from public, anon, authenticated, service_role;
revoke all on all tables in schema gantry from public, anon, authenticated, service_role;
revoke execute on all functions in schema gantry from public, anon, authenticated, service_role;
revoke all on public.automation_queues, public.automation_services, public.automation_workers,
  public.automation_uploads, public.automation_schedules, public.automation_schedule_fires, public.automation_jobs,
  public.automation_job_payloads, public.automation_job_events, public.automation_job_rows,
  public.automation_job_artifacts, public.automation_job_dependencies, public.job_execution_metrics
  from anon, authenticated, service_role;
revoke all on sequence public.automation_jobs_seq_seq from anon, authenticated, service_role;

-- Users: what the policies show, and no function by name.
grant select on public.automation_queues, public.automation_services, public.automation_workers,
  public.automation_uploads, public.automation_schedules, public.automation_schedule_fires, public.automation_jobs,
  public.automation_job_payloads, public.automation_job_events, public.automation_job_rows,
  public.automation_job_artifacts, public.automation_job_dependencies, public.job_execution_metrics
  to authenticated;
grant execute on function gantry.caller_has_admin_rights() to authenticated;

-- The service role: API, workers and scheduler.
grant usage on schema gantry to service_role;
grant execute on all functions in schema gantry to service_role;
grant select, insert, update, delete on public.automation_workers, public.automation_uploads,
  public.automation_schedules, public.automation_jobs, public.automation_job_payloads, gantry.lingering_attempts,
  gantry.job_allowances
  to service_role;
-- Services and queues are never deleted, and dependencies only with their jobs.
grant select, insert, update on public.automation_services, public.automation_queues,
  public.automation_job_dependencies, gantry.queue_turns, gantry.maintenance_rounds
  to service_role;
grant select, insert, delete on public.automation_schedule_fires, gantry.ready_jobs, gantry.running_jobs, gantry.live_views
  to service_role;
grant select, update on gantry.job_figures to service_role;
grant select, insert, update, delete on gantry.expiring_jobs to service_role;
grant select on gantry.storage_usage to service_role;
-- The history of a job is never rewritten. It is deleted with the job.
grant select, insert on public.automation_job_events, public.automation_job_rows, public.automation_job_artifacts,
  public.job_execution_metrics
  to service_role;
-- Except for the cost of a browser, which is known after the attempt has ended.
grant update (browser_is_spare, browser_launch_ms, browser_hand_over_ms, browser_close_ms, browser_peak_memory_bytes,
  browser_cpu_ms, browser_bytes_received, browser_bytes_sent, browser_requests)
  on public.job_execution_metrics to service_role;
