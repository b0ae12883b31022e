-- Finished jobs whose results have expired, with every file of theirs. The caller deletes the files first and the rows
-- after, so that a crash between leaves work to repeat and no unknown file.
create function gantry.find_expired_jobs(p_limit integer) returns table (job_id uuid, storage_keys text[])
  language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
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
  language plpgsql set search_path = '' set enable_seqscan = off as $$
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
