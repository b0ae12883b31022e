-- What the browser of each attempt cost, from its launch until it was gone.

alter table public.job_execution_metrics
  add column browser_is_spare boolean,
  add column browser_hand_over_ms integer,
  add column browser_close_ms integer,
  add column browser_cpu_ms bigint,
  add column browser_bytes_received bigint,
  add column browser_bytes_sent bigint,
  add column browser_requests integer;

-- Not valid: what is there has none of it, and need not be read through while the table is locked.
alter table public.job_execution_metrics add constraint job_execution_metrics_browser_check check (
  browser_hand_over_ms >= 0 and browser_close_ms >= 0 and browser_cpu_ms >= 0
  and browser_bytes_received >= 0 and browser_bytes_sent >= 0 and browser_requests >= 0) not valid;

-- The figures of a browser may be added to what was said of an attempt; nothing else of it may change.
grant update (browser_is_spare, browser_launch_ms, browser_hand_over_ms, browser_close_ms, browser_peak_memory_bytes,
  browser_cpu_ms, browser_bytes_received, browser_bytes_sent, browser_requests)
  on public.job_execution_metrics to service_role;

-- Adds what the browser of an ended attempt cost, once. Whoever lost the attempt may say so too: that it had a browser
-- stays true. Does nothing if the attempt has no metrics, because its job is gone or it has not ended.
create function gantry.record_browser_metrics(
  p_job_id uuid, p_attempt integer, p_is_spare boolean, p_launch_ms integer, p_hand_over_ms integer, p_close_ms integer,
  p_peak_memory_bytes bigint, p_cpu_ms bigint, p_bytes_received bigint, p_bytes_sent bigint, p_requests integer
) returns void language sql set search_path = '' as $$
  update public.job_execution_metrics set
    browser_is_spare = p_is_spare, browser_launch_ms = p_launch_ms, browser_hand_over_ms = p_hand_over_ms,
    browser_close_ms = p_close_ms, browser_peak_memory_bytes = p_peak_memory_bytes, browser_cpu_ms = p_cpu_ms,
    browser_bytes_received = p_bytes_received, browser_bytes_sent = p_bytes_sent, browser_requests = p_requests
  where job_id = p_job_id and attempt = p_attempt and browser_close_ms is null
$$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
