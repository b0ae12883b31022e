-- How much each user stores: uploads, and the files of jobs (results, evidence, traces). Triggers count it in the
-- transactions that write and delete the rows, so a crash loses nothing.
create table gantry.storage_usage (
  user_id uuid primary key references auth.users (id) on delete cascade,
  bytes bigint not null
);

create function gantry.count_artifacts() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into gantry.storage_usage as s (user_id, bytes)
  select n.user_id, sum(n.size_bytes) from new_files n group by n.user_id order by n.user_id
  on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
create trigger count_artifacts after insert on public.automation_job_artifacts
  referencing new table as new_files for each statement execute function gantry.count_artifacts();

create function gantry.count_upload() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into gantry.storage_usage as s (user_id, bytes) values (new.user_id, new.size_bytes)
  on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
-- At the end of the transaction: a submission that held the count while it waits for the jobs that it depends on would
-- wait for a worker that holds one of them and counts a file.
create constraint trigger count_upload after insert on public.automation_uploads
  deferrable initially deferred for each row execute function gantry.count_upload();

create function gantry.uncount_files() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  -- In one order, against deadlocks.
  perform from gantry.storage_usage s where s.user_id in (select o.user_id from old_files o) order by s.user_id for update;
  update gantry.storage_usage s set bytes = s.bytes - o.bytes
  from (select f.user_id, sum(f.size_bytes) as bytes from old_files f group by f.user_id) o where s.user_id = o.user_id;
  return null;
end $$;
create trigger uncount_files after delete on public.automation_job_artifacts
  referencing old table as old_files for each statement execute function gantry.uncount_files();
create trigger uncount_files after delete on public.automation_uploads
  referencing old table as old_files for each statement execute function gantry.uncount_files();

-- Raises GQ014 if the user stores more than p_max bytes, or would with p_more. It counts what this transaction has
-- stored, and no other transaction can store for the user until this one ends.
create function gantry.require_storage(p_user_id uuid, p_max bigint, p_more bigint) returns void
  language plpgsql set search_path = '' as $$
begin
  set constraints public.count_upload immediate;
  if (select s.bytes from gantry.storage_usage s where s.user_id = p_user_id) + p_more > p_max then
    raise exception using errcode = 'GQ014', message = 'STORAGE_QUOTA_EXCEEDED',
      detail = jsonb_build_object('maxBytes', p_max);
  end if;
end $$;
