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
