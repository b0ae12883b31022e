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
