-- Inserts pending jobs `[{userId, serviceId, input, uploadId, priority, runAt, idempotencyKey, payloadSha256, dependsOn:
-- [{jobId, onFailure}], tags, rerunOf}]`, each for itself: a job that is refused gets an SQLSTATE of the queue, and the
-- others are submitted all the same. The same idempotency key with the same payload returns the first job. Answers come
-- in any order; n counts from 1. Jobs with dependencies come by way of gantry.submit_linked_jobs, which checks these.
create function gantry.submit_jobs(p_jobs jsonb)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  c_most_in_row constant integer := 256;
  v_now timestamptz := gantry.clock();
  v_queues text[] := '{}';
  v_job record;
  v_first record;
begin
  perform gantry.enter_line();
  for v_job in
    with given as materialized (
      select g.n::integer as n, gantry.new_id() as id, g.user_id, g.service_id, coalesce(g.input, 'null') as input, g.upload_id,
        coalesce(g.priority, 0) as priority, coalesce(g.run_at, v_now) as run_at, g.idempotency_key, g.payload_sha256,
        g.depends_on, g.tags, g.rerun_of
      from rows from (jsonb_to_recordset(p_jobs) as (
        "userId" uuid, "serviceId" text, input jsonb, "uploadId" uuid, priority integer, "runAt" timestamptz,
        "idempotencyKey" text, "payloadSha256" text, "dependsOn" jsonb, tags text[], "rerunOf" uuid)) with ordinality
        g (user_id, service_id, input, upload_id, priority, run_at, idempotency_key, payload_sha256, depends_on, tags,
          rerun_of, n)
    ), starts as materialized (
      select s.queue_name, s.first_place from gantry.line_starts s
    ), uploads as (
      -- Locked, so that none is deleted before its job exists.
      select u.id, u.user_id from public.automation_uploads u
      where u.id in (select g.upload_id from given g) order by u.id for key share
    ), checked as (
      select g.*, s.queue_name, s.max_attempts, s.timeout_ms, q.priority_head_start_ms,
        case when s.id is null then 'GQ004'
          when g.upload_id is not null and not exists (
            select from uploads u where u.id = g.upload_id and u.user_id = g.user_id) then 'GQ006' end as refusal,
        case when g.depends_on is null then 0
          else (select count(distinct d."jobId") from jsonb_to_recordset(g.depends_on) d ("jobId" uuid)) end as blocked_by
      from given g
      left join public.automation_services s on s.id = g.service_id and s.is_enabled
      left join public.automation_queues q on q.name = s.queue_name
    ), ranked as (
      -- A microsecond apart, so that jobs submitted together keep their order.
      select c.*, c.run_at - gantry.milliseconds(c.priority * c.priority_head_start_ms - c.n / 1000.0) as rank
      from checked c where c.refusal is null
    ), inserted as (
      insert into public.automation_jobs (id, user_id, service_id, queue_name, priority, run_at, rank, place, is_ready,
        blocked_by, max_attempts, timeout_ms, upload_id, idempotency_key, payload_sha256, created_at, tags, rerun_of, input)
      select c.id, c.user_id, c.service_id, c.queue_name, c.priority, c.run_at,
        c.rank, greatest(c.rank, (select s.first_place from starts s where s.queue_name = c.queue_name)),
        c.run_at <= v_now and c.blocked_by = 0, c.blocked_by,
        c.max_attempts, c.timeout_ms, c.upload_id, c.idempotency_key,
        case when c.idempotency_key is not null then c.payload_sha256 end, v_now, nullif(c.tags, '{}'),
        -- By the primary key alone: on a new table the planner would read all jobs of the user.
        case when c.rerun_of is not null then (
          select case when r.user_id = c.user_id then r.id end from public.automation_jobs r where r.id = c.rerun_of) end,
        case when pg_column_size(c.input) <= c_most_in_row then c.input end
      -- By key, against deadlocks: the insert waits for another submission with the same key.
      from ranked c order by c.idempotency_key nulls first, c.user_id, c.n
      on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
      returning id, queue_name, place, rank, seq, user_id, service_id, priority, is_ready
    ), joined_line as (
      insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
      select i.queue_name, i.place, i.rank, i.seq, i.id, i.user_id, i.service_id, i.priority from inserted i where i.is_ready
    ), payloads as (
      insert into public.automation_job_payloads (job_id, input)
      select c.id, c.input from checked c join inserted i on i.id = c.id where pg_column_size(c.input) > c_most_in_row
    ), linked as (
      insert into public.automation_job_dependencies (job_id, depends_on_job_id, on_failure)
      select c.id, d."jobId", coalesce(d."onFailure", 'fail')
      from checked c join inserted i on i.id = c.id
      cross join jsonb_to_recordset(c.depends_on) d ("jobId" uuid, "onFailure" text)
      where c.depends_on is not null
      on conflict do nothing
    )
    select c.n, c.user_id, c.queue_name, c.idempotency_key, c.payload_sha256, c.refusal, i.id
    from checked c left join inserted i on i.id = c.id
  loop
    if v_job.id is not null and v_job.queue_name <> all (v_queues) then
      v_queues := v_queues || v_job.queue_name;
    end if;
    n := v_job.n;
    job_id := v_job.id;
    is_new := v_job.id is not null;
    refusal := v_job.refusal;
    if v_job.id is null and v_job.refusal is null then
      select j.id, j.payload_sha256 into v_first from public.automation_jobs j
      where j.user_id = v_job.user_id and j.idempotency_key = v_job.idempotency_key;
      if not found then
        -- The first job expired between the two statements: the key is free again.
        select s.job_id, s.is_new, s.refusal into job_id, is_new, refusal
        from gantry.submit_jobs(jsonb_build_array(p_jobs -> n - 1)) s;
      elsif v_first.payload_sha256 is distinct from v_job.payload_sha256 then
        refusal := 'GQ005';
      else
        job_id := v_first.id;
      end if;
    end if;
    return next;
  end loop;
  perform pg_notify('gantry_jobs', q.name) from unnest(v_queues) q (name);
end $$;

-- Submits jobs as gantry.submit_jobs does. Refuses a job that depends on one that does not exist or belongs to another
-- user, and jobs over the user's quota.
create function gantry.submit_linked_jobs(p_jobs jsonb, p_max_unfinished integer default null)
  returns table (n integer, job_id uuid, is_new boolean, refusal text)
  language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := gantry.clock();
  v_of_user record;
  v_allowed integer;
  v_refused integer[] := '{}';
  v_missing integer[] := '{}';
  v_dependents integer[];
  v_depended_on uuid[];
  v_jobs jsonb := p_jobs;
  v_accepted integer[];
begin
  -- Before anything else is locked: a count waits for all other submissions of the user.
  if p_max_unfinished is not null then
    for v_of_user in
      select u.user_id, array_agg(u.n::integer order by u.n) as numbers
      from rows from (jsonb_to_recordset(p_jobs) as ("userId" uuid)) with ordinality u (user_id, n)
      group by u.user_id order by u.user_id
    loop
      v_allowed := gantry.allow_jobs(v_of_user.user_id, cardinality(v_of_user.numbers), p_max_unfinished);
      if v_allowed < cardinality(v_of_user.numbers) then
        -- A repeated submission makes no job, so there is always room for it.
        v_refused := v_refused || (array(
          select r.n from unnest(v_of_user.numbers) r (n)
          where not exists (
            select from public.automation_jobs j
            where j.user_id = v_of_user.user_id and j.idempotency_key = p_jobs -> (r.n - 1) ->> 'idempotencyKey')
          order by r.n))[v_allowed + 1:];
      end if;
    end loop;
    return query select r.n, null::uuid, false, 'GQ013' from unnest(v_refused) r (n);
  end if;

  select array_agg(g.n::integer), array_agg(d.job_id) into v_dependents, v_depended_on
  from jsonb_array_elements(p_jobs) with ordinality g (job, n)
  cross join rows from (jsonb_to_recordset(g.job -> 'dependsOn') as ("jobId" uuid)) d (job_id)
  where g.n <> all (v_refused);
  if v_depended_on is not null then
    -- Locked, so that none of them ends from here on. In the order in which ends lock: running jobs, then all others, each
    -- by id.
    perform from public.automation_jobs j
    where j.id = any (v_depended_on)
      -- With an offset, so that no plan looks up all jobs of the user.
      and exists (select from jsonb_to_recordset(p_jobs) u ("userId" uuid) where u."userId" = j.user_id offset 0)
    order by j.status <> 'processing', j.id for no key update;
    v_missing := array(
      select distinct d.n from unnest(v_dependents, v_depended_on) d (n, job_id)
      where not exists (
        select from (select j.user_id, j.expires_at from public.automation_jobs j where j.id = d.job_id offset 0) j
        where j.user_id = (p_jobs -> (d.n - 1) ->> 'userId')::uuid and (j.expires_at > v_now or j.expires_at is null)));
    return query select m.n, null::uuid, false, 'GQ010' from unnest(v_missing) m (n);
    v_refused := v_refused || v_missing;
  end if;

  if v_refused <> '{}' then
    select jsonb_agg(g.job order by g.n), array_agg(g.n order by g.n) into v_jobs, v_accepted
    from jsonb_array_elements(p_jobs) with ordinality g (job, n) where g.n <> all (v_refused);
  end if;
  return query
    select coalesce(v_accepted[s.n], s.n), s.job_id, s.is_new, s.refusal from gantry.submit_jobs(coalesce(v_jobs, '[]')) s;

  if v_depended_on is not null then
    update public.automation_jobs j set has_dependents = true
    where j.id = any (v_depended_on) and not j.has_dependents
      and exists (select from public.automation_job_dependencies d where d.depends_on_job_id = j.id);
    perform gantry.settle_dependencies(array(
      select j.id from public.automation_jobs j where j.id = any (v_depended_on) and j.finished_at is not null));
  end if;
end $$;

-- Notes the schedule and the occurrence that a job was submitted for.
create function gantry.note_schedule(p_job_id uuid, p_schedule_id uuid, p_occurs_at timestamptz) returns void
  language sql volatile set search_path = '' as $$
  update public.automation_jobs set schedule_id = p_schedule_id, scheduled_for = p_occurs_at where id = p_job_id
$$;
