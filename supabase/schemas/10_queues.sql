create table public.automation_queues (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  -- null: no limit. 0: nothing starts.
  concurrency_limit integer default 1 check (concurrency_limit between 0 and 10000),
  is_paused boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The age that one step of priority is worth. A job that has waited longer than that is claimed before a new job of
  -- the next priority, so no job waits forever.
  priority_head_start_ms integer not null default 900000
    check (priority_head_start_ms between 0 and 86400000),
  -- A deleted queue is hidden and unused. The row stays: a job that was being submitted at that moment still runs.
  deleted_at timestamptz
);
comment on table public.automation_queues is
  'A named resource with a concurrency limit that holds across all workers.';

insert into public.automation_queues (name, concurrency_limit) values ('default', 1);

-- Creates the queue of a service if it does not exist, and restores it if it was deleted.
create function gantry.provide_queue(p_name text) returns void
  language sql volatile set search_path = '' as $$
  insert into public.automation_queues as q (name) values (p_name)
  on conflict (name) do update set deleted_at = null, updated_at = gantry.clock() where q.deleted_at is not null
$$;

-- Creates a queue, or restores a deleted one with this limit.
create function gantry.create_queue(p_name text, p_concurrency_limit integer) returns void
  language plpgsql set search_path = '' as $$
begin
  insert into public.automation_queues as q (name, concurrency_limit) values (p_name, p_concurrency_limit)
  on conflict (name) do update set
    deleted_at = null, concurrency_limit = excluded.concurrency_limit, is_paused = false, updated_at = gantry.clock()
  where q.deleted_at is not null;
  if not found then
    raise exception using errcode = 'GQ032', message = 'QUEUE_EXISTS',
      detail = jsonb_build_object('queue', p_name);
  end if;
end $$;

-- Deletes a queue that has no service and no waiting or running job.
create function gantry.delete_queue(p_name text) returns void
  language plpgsql set search_path = '' as $$
begin
  perform from public.automation_queues q where q.name = p_name and q.deleted_at is null for update;
  if not found then
    raise exception using errcode = 'GQ030', message = 'QUEUE_NOT_FOUND',
      detail = jsonb_build_object('queue', p_name);
  end if;
  if exists (select from public.automation_services s where s.queue_name = p_name)
    or exists (select from gantry.ready_jobs j where j.queue_name = p_name)
    or exists (select from gantry.running_jobs j where j.queue_name = p_name)
    or exists (select from public.automation_jobs j where j.queue_name = p_name and j.is_waiting)
  then
    raise exception using errcode = 'GQ031', message = 'QUEUE_IN_USE',
      detail = jsonb_build_object('queue', p_name);
  end if;
  update public.automation_queues set deleted_at = gantry.clock(), is_paused = false where name = p_name;
end $$;
