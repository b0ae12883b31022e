-- Where the line of each queue starts, and what runs in it. While a snapshot is held, Postgres keeps the index entries of
-- jobs that have left. A claim that read them all would get slower with each job (docs/decisions/0016).

-- No job in the line has a lower place than first_place. It only grows. Only gantry.move_line_starts writes it.
create table gantry.line_starts (
  queue_name text primary key,
  first_place timestamptz not null
);

-- No running job of the queue has an attempt that started before first_attempt. It only grows. Only claims write it, under
-- the lock of the queue.
create table gantry.running_starts (
  queue_name text primary key,
  first_attempt timestamptz not null,
  moved_at timestamptz not null
);

create function gantry.starts_of(p_queue_name text, out first_place timestamptz, out first_attempt timestamptz)
  language sql stable set search_path = '' as $$
  select
    coalesce((select s.first_place from gantry.line_starts s where s.queue_name = p_queue_name), '-infinity'),
    coalesce((select s.first_attempt from gantry.running_starts s where s.queue_name = p_queue_name), '-infinity')
$$;

-- Each transaction calls this before the statement by which its jobs join a line. So that statement reads where the line
-- starts, and the line starts there until the transaction has ended.
create function gantry.enter_line() returns void
  language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock_shared(gantry.line_lock_class(), 0);
end $$;

-- The place of a job that joins a line now: its rank, or the start of the line if that is later. Of two jobs in a line, the
-- one with the lower rank does not have the higher place.
create function gantry.place_of(p_queue_name text, p_rank timestamptz) returns timestamptz
  language sql stable
  return greatest(p_rank, (select s.first_place from gantry.line_starts s where s.queue_name = p_queue_name));

-- Lets each line start at its first job or, if it is empty, at the last claim. Does nothing while jobs are joining a line.
create function gantry.move_line_starts() returns void
  language plpgsql set search_path = '' as $$
begin
  if not pg_try_advisory_xact_lock(gantry.line_lock_class(), 0) then
    return;
  end if;
  insert into gantry.line_starts as s (queue_name, first_place)
  select r.queue_name, coalesce(first.place, r.moved_at)
  from gantry.running_starts r
  cross join lateral gantry.starts_of(r.queue_name) starts
  left join lateral (
    select j.place from gantry.ready_jobs j
    where j.queue_name = r.queue_name and j.place >= starts.first_place
    order by j.place, j.rank, j.seq limit 1) first on true
  where coalesce(first.place, r.moved_at) > starts.first_place
  on conflict (queue_name) do update set first_place = excluded.first_place;
end $$;

-- Notes when the first of the attempts that run in a queue started, at most twice a second: each note leaves a version of
-- its row. The caller holds the lock of the queue, so no other claim starts an attempt there.
create function gantry.move_running_start(p_queue_name text, p_now timestamptz) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from gantry.running_starts s
  where s.queue_name = p_queue_name and s.moved_at > p_now - interval '500 milliseconds';
  if found then
    return;
  end if;
  insert into gantry.running_starts as s (queue_name, first_attempt, moved_at) values (p_queue_name, '-infinity', p_now)
  on conflict (queue_name) do update set
    first_attempt = coalesce((
      select j.attempt_started_at from gantry.running_jobs j
      where j.queue_name = s.queue_name and j.attempt_started_at >= s.first_attempt
      order by j.attempt_started_at, j.job_id limit 1), greatest(s.first_attempt, p_now)),
    moved_at = p_now;
end $$;
