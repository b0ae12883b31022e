-- How many jobs a user may submit until they are counted again. Divided into shares, so that submissions of one user
-- need not wait for each other: each takes from a share that is not locked, and locks it until it commits. A count locks
-- all shares.
create table gantry.job_allowances (
  user_id uuid not null references auth.users (id) on delete cascade,
  share smallint not null,
  jobs integer not null check (jobs >= 0),
  -- The quota that it was computed for. Another quota needs another count.
  max_unfinished integer not null,
  primary key (user_id, share)
);

create function gantry.count_unfinished_jobs(p_user_id uuid) returns integer
  language sql stable set search_path = '' as $$
  select (
      select count(*) from public.automation_jobs j where j.user_id = p_user_id and j.is_waiting
    )::integer + coalesce((
      select sum(ready.jobs + running.jobs)
      from public.automation_queues q
      cross join lateral (select count(*) as jobs from gantry.ready_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id) ready
      cross join lateral (select count(*) as jobs from gantry.running_jobs j
        where j.queue_name = q.name and j.user_id = p_user_id) running), 0)::integer
$$;

-- Lets a user submit so many jobs, or fewer if the user would have too many unfinished ones. Returns how many. Jobs that
-- have finished since the last count are noticed when the allowance is used up. Until then it errs on the safe side.
create function gantry.allow_jobs(p_user_id uuid, p_count integer, p_max_unfinished integer) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_shares constant integer := 8;
  v_room integer;
  v_allowed integer;
begin
  begin
    update gantry.job_allowances a set jobs = a.jobs - p_count
    where (a.user_id, a.share) = (
      select c.user_id, c.share from gantry.job_allowances c
      where c.user_id = p_user_id and c.jobs >= p_count and c.max_unfinished = p_max_unfinished
      limit 1 for no key update skip locked);
    if found then
      return p_count;
    end if;
    -- A share that another session used up in this moment may be locked all the same. Undone, it is free again: who holds
    -- one while it waits for all of them, and who waits for that one, would wait for each other.
    raise exception using errcode = 'GQ099';
  exception when sqlstate 'GQ099' then
  end;
  insert into gantry.job_allowances (user_id, share, jobs, max_unfinished)
  select p_user_id, s.n, 0, p_max_unfinished from generate_series(1, v_shares) s (n)
  on conflict do nothing;
  perform from gantry.job_allowances a where a.user_id = p_user_id order by a.share for no key update;
  v_room := greatest(0, p_max_unfinished - gantry.count_unfinished_jobs(p_user_id));
  v_allowed := least(p_count, v_room);
  v_room := v_room - v_allowed;
  update gantry.job_allowances a
  set jobs = v_room / v_shares + (a.share <= v_room % v_shares)::integer, max_unfinished = p_max_unfinished
  where a.user_id = p_user_id;
  return v_allowed;
end $$;
