create table public.automation_job_events (
  job_id uuid not null,
  seq integer not null check (seq > 1),
  attempt integer not null,
  type text not null check (type in ('state', 'progress', 'step', 'log', 'row', 'artifact')),
  data jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (job_id, seq)
);

create table public.automation_job_rows (
  job_id uuid not null references public.automation_jobs (id) on delete cascade,
  row_index integer not null check (row_index >= 0),
  row_key text not null,
  status text not null check (status in ('completed', 'failed', 'invalid', 'duplicate')),
  data jsonb not null check (jsonb_typeof(data) = 'object'),
  error_code text,
  error_message text,
  attempt integer not null,
  created_at timestamptz not null default clock_timestamp(),
  -- The line of the user's file. null for rows that come from no file.
  line integer check (line > 0),
  primary key (job_id, row_index),
  constraint automation_job_rows_error_check check ((error_code is null) = (error_message is null))
);
comment on table public.automation_job_rows is
  'The answer for each row of the uploaded file, once: a retry skips these rows.';

-- Notifies listeners that these jobs have news. A notification carries ids and nothing else, as many as it holds (8,000
-- bytes).
create function gantry.notify_events(p_job_ids uuid[]) returns void
  language plpgsql set search_path = '' as $$
begin
  perform pg_notify('gantry_events', string_agg(t.id::text, ','))
  from unnest(p_job_ids) with ordinality t (id, n) group by (t.n - 1) / 200;
end $$;

-- Locks the job for a writing worker, or raises GQ001.
create function gantry.lock_job(p_job_id uuid, p_attempt integer) returns public.automation_jobs
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs;
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id for update;
  if not found or v_job.status <> 'processing' or v_job.attempt <> p_attempt
    or v_job.lease_expires_at <= gantry.clock() then
    raise exception using errcode = 'GQ001', message = 'LEASE_LOST';
  end if;
  return v_job;
end $$;

-- Appends events `[{type, data}]`, types progress, step, log and row. A row that has an answer already is
-- left as it is, and writes no second event.
create function gantry.append_events(p_job_id uuid, p_attempt integer, p_events jsonb) returns integer
  language plpgsql set search_path = '' as $$
declare
  v_job public.automation_jobs := gantry.lock_job(p_job_id, p_attempt);
  v_count integer;
begin
  with given as (
    select e.value ->> 'type' as type, e.value -> 'data' as data, e.ordinality as n
    from jsonb_array_elements(p_events) with ordinality e
  ), answered as (
    insert into public.automation_job_rows
      (job_id, row_index, line, row_key, status, data, error_code, error_message, attempt)
    select distinct on ((g.data ->> 'index')::integer) p_job_id, (g.data ->> 'index')::integer,
      (g.data ->> 'line')::integer, g.data ->> 'key', g.data ->> 'status', g.data -> 'data',
      g.data -> 'error' ->> 'code', g.data -> 'error' ->> 'message', p_attempt
    from given g where g.type = 'row' order by (g.data ->> 'index')::integer, g.n
    on conflict do nothing
    returning row_index
  ), told as (
    select g.type, g.data, row_number() over (order by g.n) as n from given g
    where g.type in ('progress', 'step', 'log')
      or g.n in (
        select min(r.n) from given r join answered a on a.row_index = (r.data ->> 'index')::integer
        where r.type = 'row' group by a.row_index)
  )
  insert into public.automation_job_events (job_id, seq, attempt, type, data)
  select p_job_id, v_job.event_seq + t.n, p_attempt, t.type, t.data from told t;
  get diagnostics v_count = row_count;

  update public.automation_jobs j set
    event_seq = j.event_seq + v_count,
    progress_done = coalesce(latest.done, j.progress_done),
    progress_total = coalesce(latest.total, j.progress_total),
    step = coalesce(latest.step, j.step)
  from (
    select
      (array_agg((e.value -> 'data' ->> 'done')::integer order by e.ordinality desc) filter (where e.value ->> 'type' = 'progress'))[1] as done,
      (array_agg((e.value -> 'data' ->> 'total')::integer order by e.ordinality desc) filter (where e.value ->> 'type' = 'progress'))[1] as total,
      (array_agg(left(e.value -> 'data' ->> 'name', 200) order by e.ordinality desc) filter (where e.value ->> 'type' = 'step'))[1] as step
    from jsonb_array_elements(p_events) with ordinality e
  ) latest
  where j.id = p_job_id;
  perform pg_notify('gantry_events', p_job_id::text);
  return v_job.event_seq + v_count;
end $$;

create function gantry.save_checkpoint(p_job_id uuid, p_attempt integer, p_checkpoint jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  perform gantry.lock_job(p_job_id, p_attempt);
  insert into public.automation_job_payloads (job_id, checkpoint) values (p_job_id, p_checkpoint)
  on conflict (job_id) do update set checkpoint = excluded.checkpoint;
end $$;
