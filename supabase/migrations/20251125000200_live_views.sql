-- Live view: somebody looks at a page while a worker works on it. An API process that has viewers asks here for the
-- pictures, and the worker that runs the attempt takes the request and brings them. What is asked for lives ten seconds,
-- and the table is empty while nobody looks.

-- Not logged: the secrets in it get into no archive and no replica, and after a crash there is nothing to be kept.
create unlogged table gantry.live_views (
  -- By it the API knows who brings the pictures. It goes when a worker takes the request; the API keeps only its hash.
  token text primary key check (length(token) between 32 and 100),
  job_id uuid not null,
  attempt integer not null,
  size text not null check (size in ('full', 'small')),
  -- Where the API process that asks is reached by workers.
  url text not null check (length(url) between 1 and 2000),
  expires_at timestamptz not null
);
alter table gantry.live_views enable row level security;
revoke all on gantry.live_views from public, anon, authenticated, service_role;
grant select, insert, delete on gantry.live_views to service_role;

-- Asks for pictures of an attempt. Nothing happens if it does not run any more.
create function gantry.request_live_view(
  p_token text, p_job_id uuid, p_attempt integer, p_size text, p_url text, p_ttl_ms integer
) returns void
  language plpgsql set search_path = '' as $$
begin
  delete from gantry.live_views where expires_at <= gantry.clock();
  insert into gantry.live_views (token, job_id, attempt, size, url, expires_at)
  select p_token, j.id, j.attempt, p_size, p_url, gantry.clock() + gantry.milliseconds(p_ttl_ms)
  from public.automation_jobs j
  where j.id = p_job_id and j.attempt = p_attempt and j.status = 'processing';
  -- A hint: the id and no more. Workers also look by themselves.
  if found then
    perform pg_notify('gantry_live', p_job_id::text);
  end if;
end $$;

-- Takes what is asked of these attempts, each request once. Only for attempts that this worker still holds.
create function gantry.take_live_views(p_worker_id uuid, p_job_ids uuid[], p_attempts integer[], p_limit integer)
  returns table (token text, job_id uuid, attempt integer, size text, url text)
  language sql set search_path = '' as $$
  delete from gantry.live_views v
  where v.token in (
    select w.token from gantry.live_views w
    join unnest(p_job_ids, p_attempts) held (job_id, attempt) on held.job_id = w.job_id and held.attempt = w.attempt
    join public.automation_jobs j on j.id = w.job_id and j.attempt = w.attempt
    where j.status = 'processing' and j.worker_id = p_worker_id and w.expires_at > gantry.clock()
    order by w.expires_at limit p_limit)
  returning v.token, v.job_id, v.attempt, v.size, v.url
$$;

-- The service role may not read the schema `auth`.
create function gantry.email_of(p_user_id uuid) returns text
  language sql stable security definer set search_path = '' as $$
  select email::text from auth.users where id = p_user_id
$$;

-- What runs at this moment, longest first, and for whom: for the wall of the console.
create function gantry.find_running(p_limit integer)
  returns table (job_id uuid, attempt integer, service_name text, file_name text, user_email text, started_at timestamptz)
  language sql stable set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select j.id, j.attempt, s.name, f.file_name, gantry.email_of(j.user_id), j.attempt_started_at
  from gantry.running_jobs r
  join public.automation_jobs j on j.id = any (array[r.job_id])
  join public.automation_services s on s.id = j.service_id
  left join public.automation_uploads f on f.id = j.upload_id
  order by j.attempt_started_at, j.id limit p_limit
$$;

revoke execute on all functions in schema gantry from public, anon, authenticated;
grant execute on all functions in schema gantry to service_role;
