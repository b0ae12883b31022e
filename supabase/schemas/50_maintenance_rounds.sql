-- Work that one process at a time does for all of them, such as looking for files that no row names: when it last began.
create table gantry.maintenance_rounds (
  name text primary key check (name = 'sweep'),
  begun_at timestamptz not null
);

-- Whether it is this caller's turn: true once in each interval, however many callers ask.
create function gantry.begin_round(p_name text, p_interval_ms double precision) returns boolean
  language sql set search_path = '' as $$
  with begun as (
    insert into gantry.maintenance_rounds as r (name, begun_at) values (p_name, gantry.clock())
    on conflict (name) do update set begun_at = excluded.begun_at
      where r.begun_at <= excluded.begun_at - gantry.milliseconds(p_interval_ms)
    returning 1)
  select exists (select from begun)
$$;
