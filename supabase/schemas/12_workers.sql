create table public.automation_workers (
  id uuid primary key,
  host text not null check (length(host) <= 255),
  pid integer not null,
  version text not null check (length(version) <= 40),
  services text[] not null,
  concurrency integer not null check (concurrency between 1 and 1000),
  status text not null default 'active' check (status in ('active', 'draining', 'stopped', 'lost')),
  -- The key of the advisory lock that the worker's session holds: a free lock is a dropped session.
  session_key integer not null,
  session_lost_at timestamptz,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  stopped_at timestamptz,
  -- The queues that it serves. null: all.
  queues text[],
  constraint automation_workers_stopped_check check ((status in ('stopped', 'lost')) = (stopped_at is not null))
);
create unique index automation_workers_live_session_idx on public.automation_workers (session_key)
  where status in ('active', 'draining');

create function gantry.register_worker(
  p_worker_id uuid, p_host text, p_pid integer, p_version text, p_services text[], p_concurrency integer,
  p_session_key integer, p_queues text[] default null
) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_workers (id, host, pid, version, services, concurrency, session_key, queues,
    started_at, heartbeat_at)
  values (p_worker_id, p_host, p_pid, p_version, p_services, p_concurrency, p_session_key, p_queues,
    gantry.clock(), gantry.clock());
end $$;

-- A draining worker claims nothing more.
create function gantry.drain_worker(p_worker_id uuid) returns void
  language sql set search_path = '' as $$
  update public.automation_workers set status = 'draining' where id = p_worker_id and status = 'active'
$$;

create function gantry.stop_worker(p_worker_id uuid) returns void
  language sql set search_path = '' as $$
  update public.automation_workers set status = 'stopped', stopped_at = gantry.clock()
  where id = p_worker_id and status in ('active', 'draining')
$$;
