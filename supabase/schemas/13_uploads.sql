create table public.automation_uploads (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  storage_key text not null unique check (length(storage_key) <= 500),
  file_name text not null check (length(file_name) between 1 and 200),
  content_type text not null check (length(content_type) <= 200),
  size_bytes bigint not null check (size_bytes > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  row_count integer not null check (row_count >= 0),
  created_at timestamptz not null default now()
);
create index automation_uploads_user_id_idx on public.automation_uploads (user_id);
create index automation_uploads_created_at_idx on public.automation_uploads (created_at);

-- Files are kept in a private bucket. Only the service role has access to it.
insert into storage.buckets (id, name, public) values ('gantry', 'gantry', false) on conflict (id) do nothing;
