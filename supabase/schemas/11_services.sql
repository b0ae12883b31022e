create table public.automation_services (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 120),
  description text not null check (length(description) <= 2000),
  category text not null check (length(category) between 1 and 60),
  queue_name text not null references public.automation_queues (name),
  version text not null check (length(version) between 1 and 40),
  input_schema jsonb not null check (jsonb_typeof(input_schema) = 'object'),
  accepted_files jsonb check (jsonb_typeof(accepted_files) = 'object'),
  timeout_ms integer not null check (timeout_ms between 1000 and 86400000),
  max_attempts integer not null check (max_attempts between 1 and 100),
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The queue that the workers' code names. It is used unless an admin chose another.
  published_queue_name text not null,
  is_queue_chosen boolean not null default false,
  -- `[{key, label, type}]` in the automation's order. An array, since jsonb does not keep the order of an object's keys.
  answer_columns jsonb not null default '[]' check (jsonb_typeof(answer_columns) = 'array'),
  constraint automation_services_queue_check check (is_queue_chosen or queue_name = published_queue_name)
);
create index automation_services_queue_name_idx on public.automation_services (queue_name);
comment on table public.automation_services is
  'What a user can pick. Workers publish their automations here, so nothing else needs to know them.';

-- Publishes what a worker can run. It keeps what an admin decided: is_enabled, and another queue.
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

-- Moves a service to a queue, or (null) back to the queue that its code names. This applies to jobs submitted from now on.
create function gantry.choose_queue(p_service_id text, p_queue_name text) returns void
  language plpgsql set search_path = '' as $$
declare
  v_published text;
begin
  select s.published_queue_name into v_published from public.automation_services s
  where s.id = p_service_id for no key update;
  if not found then
    raise exception using errcode = 'GQ004', message = 'SERVICE_NOT_FOUND',
      detail = jsonb_build_object('serviceId', p_service_id);
  end if;
  if p_queue_name is null then
    perform gantry.provide_queue(v_published);
  else
    -- Locked, so that it is not deleted before the service is in it.
    perform from public.automation_queues q where q.name = p_queue_name and q.deleted_at is null for update;
    if not found then
      raise exception using errcode = 'GQ030', message = 'QUEUE_NOT_FOUND',
        detail = jsonb_build_object('queue', p_queue_name);
    end if;
  end if;
  update public.automation_services set
    queue_name = coalesce(p_queue_name, v_published), is_queue_chosen = p_queue_name is not null,
    updated_at = gantry.clock()
  where id = p_service_id;
end $$;
