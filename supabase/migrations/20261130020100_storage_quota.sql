-- How much each user stores: uploads, and the files of jobs (results, evidence, traces). Counted by triggers in the
-- transactions that write and delete the rows, so a crash loses nothing, and read by whoever enforces a quota.

create table gantry.storage_usage (
  user_id uuid primary key references auth.users (id) on delete cascade,
  bytes bigint not null
);
alter table gantry.storage_usage enable row level security;
revoke all on gantry.storage_usage from public, anon, authenticated, service_role;
grant select on gantry.storage_usage to service_role;

-- Whose file it is: when it goes with its job, the job is gone already.
alter table public.automation_job_artifacts add column user_id uuid;
update public.automation_job_artifacts a set user_id = j.user_id from public.automation_jobs j where j.id = a.job_id;
alter table public.automation_job_artifacts alter column user_id set not null;

create function gantry.own_artifact() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.user_id := (select j.user_id from public.automation_jobs j where j.id = new.job_id);
  return new;
end $$;
create trigger own_artifact before insert on public.automation_job_artifacts
  for each row execute function gantry.own_artifact();

insert into gantry.storage_usage (user_id, bytes)
select f.user_id, sum(f.size_bytes) from (
  select u.user_id, u.size_bytes from public.automation_uploads u
  union all select a.user_id, a.size_bytes from public.automation_job_artifacts a) f
group by f.user_id;

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

-- Refuses when the user stores more than p_max bytes, or would with p_more. What this transaction has stored counts, and
-- nobody else can store for the user until it ends.
create function gantry.require_storage(p_user_id uuid, p_max bigint, p_more bigint) returns void
  language plpgsql set search_path = '' as $$
begin
  set constraints public.count_upload immediate;
  if (select s.bytes from gantry.storage_usage s where s.user_id = p_user_id) + p_more > p_max then
    raise exception 'The user has reached the storage quota.' using errcode = 'GQ014';
  end if;
end $$;

revoke all on function gantry.own_artifact(), gantry.count_artifacts(), gantry.count_upload(), gantry.uncount_files(),
  gantry.require_storage(uuid, bigint, bigint) from public, anon, authenticated;
grant execute on function gantry.require_storage(uuid, bigint, bigint) to service_role;
