-- Why a pending job waits. packages/contract has the same codes, and the parameters of each; a test compares the two.
create type gantry.wait_reason as enum ('next', 'ahead', 'more_ahead', 'queue_paused', 'no_worker', 'blocked', 'scheduled',
  'retrying');

-- The position of a job in its queue, the reason why it waits, and, if its wait can be estimated, the inputs of the
-- estimate. Reads a bounded number of rows, however many jobs there are.
--
-- {position, reason: {code, count, at}, wait: null | {dueInMs, isBound, limit, slots, running: [{serviceId, isOwnQueue, elapsedMs, done}],
--   lingeringMs: [], ahead: {service: jobs}, elsewhere: [{limit, ahead}], services: {id: {timeoutMs, runMs: []}}}}
create function gantry.describe_wait(p_job_id uuid) returns jsonb
  language plpgsql stable set search_path = '' as $$
declare
  c_most_ahead constant integer := 5000;
  c_most_turns constant integer := 50;
  c_most_elsewhere constant integer := 2000;
  c_most_runs constant integer := 2000;
  c_most_running constant integer := 1000;
  v_now timestamptz := gantry.clock();
  v_job public.automation_jobs;
  v_queue public.automation_queues;
  v_workers uuid[];
  v_services text[];
  v_serves_all boolean;
  v_slots integer;
  v_ahead integer;
  v_by_service jsonb;
  v_is_bound boolean;
  v_position integer;
  v_code gantry.wait_reason;
  v_reason jsonb;
  v_running jsonb;
  v_elsewhere jsonb;
  v_involved text[];
begin
  select * into v_job from public.automation_jobs j where j.id = p_job_id;
  if not found or v_job.status <> 'pending' then
    return jsonb_build_object('position', case when v_job.status = 'processing' then 0 end);
  end if;
  select * into v_queue from public.automation_queues q where q.name = v_job.queue_name;

  -- The workers that could run it.
  select array_agg(w.id), sum(w.concurrency), bool_or(w.queues is null) into v_workers, v_slots, v_serves_all
  from public.automation_workers w
  where w.status = 'active' and v_job.service_id = any (w.services)
    and (w.queues is null or v_job.queue_name = any (w.queues));

  if v_job.blocked_by > 0 then
    v_code := 'blocked';
    return jsonb_build_object('position', null,
      'reason', jsonb_build_object('code', v_code, 'count', v_job.blocked_by));
  end if;

  select a.jobs, a.by_service into v_ahead, v_by_service
  from gantry.jobs_ahead_by_turns(v_job, coalesce(least(v_slots, v_queue.concurrency_limit), 1) <= 1, c_most_turns) a;
  if v_ahead is null then
    select a.jobs, a.by_service into v_ahead, v_by_service
    from gantry.jobs_ahead(v_job.queue_name, v_job.rank, v_job.seq, c_most_ahead + 1) a;
  end if;
  v_is_bound := v_ahead > c_most_ahead;

  if v_job.run_at > v_now then
    v_code := case when v_job.attempt > 0 then 'retrying' else 'scheduled' end;
    v_reason := jsonb_build_object('code', v_code,
      'at', to_char(v_job.run_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
  else
    v_position := least(v_ahead, c_most_ahead) + 1;
    v_code := case
      when v_queue.is_paused or v_queue.concurrency_limit = 0 then 'queue_paused'
      when v_slots is null then 'no_worker'
      when v_is_bound then 'more_ahead'
      when v_ahead > 0 then 'ahead'
      else 'next' end;
    v_reason := jsonb_strip_nulls(jsonb_build_object('code', v_code,
      'count', case when v_code in ('ahead', 'more_ahead') then least(v_ahead, c_most_ahead) end));
  end if;
  if v_queue.is_paused or v_queue.concurrency_limit = 0 or v_slots is null then
    return jsonb_build_object('position', v_position, 'reason', v_reason);
  end if;

  v_services := array(select distinct s.id from public.automation_workers w cross join unnest(w.services) s (id)
    where w.id = any (v_workers));
  v_running := (
    select jsonb_agg(jsonb_build_object(
      'serviceId', r.service_id, 'isOwnQueue', r.queue_name = v_job.queue_name,
      'elapsedMs', gantry.elapsed_ms(r.attempt_started_at, v_now),
      -- The progress of a later attempt includes what earlier ones did.
      'done', case when r.attempt = 1 and r.progress_total > 0 then least(1, r.progress_done::float8 / r.progress_total) end))
    from (
      select j.service_id, j.queue_name, j.attempt, j.attempt_started_at, j.progress_done, j.progress_total
      from gantry.running_jobs r join public.automation_jobs j on j.id = r.job_id
      where r.queue_name = v_job.queue_name or j.worker_id = any (v_workers)
      limit c_most_running) r);
  v_elsewhere := (
    select jsonb_agg(jsonb_build_object('limit', o.concurrency_limit, 'ahead', o.ahead)) from (
      select q.concurrency_limit, a.by_service as ahead
      from (
        select c.name, c.concurrency_limit, count(*) over () as queues from public.automation_queues c
        where c.name <> v_job.queue_name and not c.is_paused and c.concurrency_limit is distinct from 0
          and (v_serves_all or exists (
            select from public.automation_workers w where w.id = any (v_workers) and c.name = any (w.queues)))
          and exists (select from gantry.ready_jobs j
            where j.queue_name = c.name and j.place <= gantry.place_of(c.name, v_job.rank) and (j.rank, j.seq) < (v_job.rank, v_job.seq))) q
      cross join lateral gantry.jobs_ahead(q.name, v_job.rank, v_job.seq, (c_most_elsewhere / q.queues)::integer) a) o);
  v_involved := array(
    select jsonb_object_keys(v_by_service) intersect select unnest(v_services)
    union select r.value ->> 'serviceId' from jsonb_array_elements(v_running) r
    union (select k.id from jsonb_array_elements(v_elsewhere) e cross join jsonb_object_keys(e.value -> 'ahead') k (id)
      intersect select unnest(v_services)));

  return jsonb_build_object('position', v_position, 'reason', v_reason, 'wait', jsonb_build_object(
    'dueInMs', gantry.elapsed_ms(v_now, v_job.run_at),
    'isBound', v_is_bound,
    'limit', v_queue.concurrency_limit,
    'slots', v_slots,
    'running', coalesce(v_running, '[]'),
    'lingeringMs', (select coalesce(jsonb_agg(gantry.elapsed_ms(v_now, l.held_until)), '[]')
      from gantry.lingering_attempts l where l.queue_name = v_job.queue_name and l.held_until > v_now),
    'ahead', v_by_service,
    'elsewhere', coalesce(v_elsewhere, '[]'),
    'services', (
      select coalesce(jsonb_object_agg(s.id, jsonb_build_object('timeoutMs', s.timeout_ms, 'runMs', h.run_ms)), '{}')
      from public.automation_services s cross join lateral (
        select to_jsonb(array(select m.run_ms from (
          select a.run_ms, a.outcome from public.job_execution_metrics a where a.service_id = s.id
          order by a.created_at desc limit least(200, c_most_runs / greatest(1, cardinality(v_involved)))) m
        where m.outcome not in ('released', 'lost'))) as run_ms) h
      where s.id = any (v_involved))));
end $$;
