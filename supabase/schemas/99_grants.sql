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
