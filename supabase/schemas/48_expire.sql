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
