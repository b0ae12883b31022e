create table public.automation_job_artifacts (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  attempt integer not null,
  name text not null check (length(name) between 1 and 200 and name !~ '[/\\[:cntrl:]]'),
  content_type text not null check (length(content_type) <= 200),
  size_bytes bigint not null check (size_bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_key text not null unique check (length(storage_key) <= 500),
  row_index integer check (row_index >= 0),
  created_at timestamptz not null default clock_timestamp(),
  -- The owner, for the storage quota: when a file is deleted with its job, the job is gone already.
  user_id uuid not null,
  unique (job_id, attempt, name)
);

create function gantry.own_artifact() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.user_id := (select j.user_id from public.automation_jobs j where j.id = new.job_id);
  return new;
end $$;
create trigger own_artifact before insert on public.automation_job_artifacts
  for each row execute function gantry.own_artifact();

-- Adds a file to an attempt, and an event. Does nothing if the same file was added before.
create function gantry.add_artifact(
  p_job_id uuid, p_attempt integer, p_artifact_id uuid, p_name text, p_content_type text, p_size_bytes bigint,
  p_sha256 text, p_storage_key text, p_row_index integer default null
) returns void
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
begin
  insert into public.automation_job_artifacts (id, job_id, attempt, name, content_type, size_bytes, sha256, storage_key, row_index)
  values (p_artifact_id, p_job_id, p_attempt, p_name, p_content_type, p_size_bytes, p_sha256, p_storage_key, p_row_index)
  on conflict do nothing;
  if not found then
    -- A repeated call, after its answer was lost, is no error.
    if exists (select from public.automation_job_artifacts a
        where a.id = p_artifact_id and a.job_id = p_job_id and a.attempt = p_attempt and a.sha256 = p_sha256) then
      return;
    end if;
    raise exception using errcode = 'GQ008', message = 'VALUE_INVALID', detail = jsonb_build_object('name', p_name);
  end if;
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  values (p_job_id, v_job.event_seq + 1, p_attempt, 'artifact', jsonb_strip_nulls(jsonb_build_object(
    'id', p_artifact_id, 'name', p_name, 'contentType', p_content_type, 'size', p_size_bytes, 'rowIndex', p_row_index)));
  update public.automation_jobs set event_seq = event_seq + 1 where id = p_job_id;
  perform pg_notify('gantry_events', p_job_id::text);
end $$;
