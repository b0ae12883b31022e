-- Live view: an API process with viewers requests pictures here. The worker that runs the attempt takes the request and
-- sends them. A request is valid for ten seconds, and the table is empty while there are no viewers (docs/decisions/0008).
-- Unlogged: the secrets in it reach no archive and no replica, and after a crash there is nothing to keep.
create unlogged table gantry.live_views (
  -- Proves to the API who sends the pictures. A worker that takes the request deletes it; the API keeps only its hash.
  token text primary key check (length(token) between 32 and 100),
  job_id uuid not null,
  attempt integer not null,
  size text not null check (size in ('full', 'small')),
  -- Where workers reach the API process that asks.
  url text not null check (length(url) between 1 and 2000),
  expires_at timestamptz not null
);

-- Requests pictures of an attempt. Does nothing if the attempt has ended.
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
  -- The id and nothing else. Workers also poll.
  if found then
    perform pg_notify('gantry_live', p_job_id::text);
  end if;
end $$;

-- Takes the requests for these attempts, each once, and only for attempts that this worker still holds.
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

-- The running jobs, longest first, and their users: for the grid of the console.
create function gantry.find_running(p_limit integer)
  returns table (job_id uuid, attempt integer, service_name text, file_name text, user_email text, started_at timestamptz)
  language sql stable set search_path = '' as $$
  select j.id, j.attempt, s.name, f.file_name, gantry.email_of(j.user_id), j.attempt_started_at
  from gantry.running_jobs r
  join public.automation_jobs j on j.id = any (array[r.job_id])
  join public.automation_services s on s.id = j.service_id
  left join public.automation_uploads f on f.id = j.upload_id
  order by j.attempt_started_at, j.id limit p_limit
$$;
