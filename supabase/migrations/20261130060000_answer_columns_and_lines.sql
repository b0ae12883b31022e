-- What a service answers for each row, and the line of the user's file that a row came from.

alter table public.automation_services
  -- `[{key, label, type}]` in the automation's order; an array, since jsonb does not keep the order of an object's keys.
  add column answer_columns jsonb not null default '[]' check (jsonb_typeof(answer_columns) = 'array');

alter table public.automation_job_rows
  -- Null for rows that come from no file, and for those that were written before lines were kept.
  add column line integer;
-- Not valid: the rows that are there have no line, and need not be read through while the table is locked.
alter table public.automation_job_rows
  add constraint automation_job_rows_line_check check (line > 0) not valid;

drop function gantry.publish_service(text, text, text, text, text, text, jsonb, jsonb, integer, integer);

-- Publishes what a worker can run; what an admin decided (is_enabled, another queue) stays.
create function gantry.publish_service(
  p_id text, p_name text, p_description text, p_category text, p_queue_name text, p_version text,
  p_input_schema jsonb, p_accepted_files jsonb, p_timeout_ms integer, p_max_attempts integer, p_answer_columns jsonb
) returns void
  language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.automation_services s where s.id = p_id and s.is_queue_chosen) then
    perform gantry.provide_queue(p_queue_name);
  end if;
  insert into public.automation_services as s (id, name, description, category, queue_name, published_queue_name,
    version, input_schema, accepted_files, timeout_ms, max_attempts, answer_columns)
  values (p_id, p_name, p_description, p_category, p_queue_name, p_queue_name, p_version, p_input_schema,
    p_accepted_files, p_timeout_ms, p_max_attempts, p_answer_columns)
  on conflict (id) do update set
    name = excluded.name, description = excluded.description, category = excluded.category,
    queue_name = case when s.is_queue_chosen then s.queue_name else excluded.queue_name end,
    published_queue_name = excluded.published_queue_name, version = excluded.version,
    input_schema = excluded.input_schema, accepted_files = excluded.accepted_files, timeout_ms = excluded.timeout_ms,
    max_attempts = excluded.max_attempts, answer_columns = excluded.answer_columns, updated_at = gantry.clock();
end $$;

-- Appends events `[{type, data}]`, types progress, step, log and row. A row that has an answer already is
-- left as it is, and writes no second event.
create or replace function gantry.append_events(p_job_id uuid, p_attempt integer, p_events jsonb) returns integer
  language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  v_job public.automation_jobs := gantry.hold_job(p_job_id, p_attempt);
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

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
