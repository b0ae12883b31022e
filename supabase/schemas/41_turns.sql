-- The users whose jobs were claimed last from a queue, newest first, and when their turn ended: when the next user was
-- served, or not yet (infinity). A claim writes it under the lock of the queue, and only when another user is served.
-- The age of a job counts from the last turn of its user, if that is later (docs/decisions/0012).
create table gantry.queue_turns (
  queue_name text primary key,
  user_ids uuid[] not null,
  ended_at timestamptz[] not null,
  check (cardinality(user_ids) = cardinality(ended_at) and cardinality(user_ids) <= 100)
);

-- When each user had the last turn in a queue. For a user whose turn has not ended, that is p_now.
create function gantry.turns_of(p_queue_name text, p_now timestamptz) returns table (user_id uuid, served_at timestamptz)
  language sql stable set search_path = '' as $$
  select u.id, least(u.ended_at, p_now)
  from gantry.queue_turns t cross join unnest(t.user_ids, t.ended_at) u (id, ended_at)
  where t.queue_name = p_queue_name;
$$;

-- The rank of a job whose user was last served at that time (null: not lately): its age counts from then.
create function gantry.turn_rank(p_rank timestamptz, p_served_at timestamptz, p_priority integer, p_head_start_ms integer)
  returns timestamptz
  language sql immutable
  return case when p_served_at > p_rank
    then greatest(p_rank, p_served_at - gantry.milliseconds(p_head_start_ms * p_priority)) else p_rank end;

-- Records the users whose jobs a claim takes. The caller holds the lock of the queue.
create function gantry.record_turns(p_queue_name text, p_user_ids uuid[], p_now timestamptz) returns void
  language plpgsql set search_path = '' as $$
declare
  c_most_users constant integer := 100;
  v_user_ids uuid[] := array(select distinct u.id from unnest(p_user_ids) u (id) order by u.id limit c_most_users);
  v_last uuid[];
begin
  if cardinality(v_user_ids) = 0 then
    return;
  end if;
  select array(
    select u.id from unnest(t.user_ids, t.ended_at) u (id, ended_at) where u.ended_at = 'infinity' order by u.id)
  into v_last from gantry.queue_turns t where t.queue_name = p_queue_name;
  -- Mostly it is the same user again.
  if v_last = v_user_ids then
    return;
  end if;
  insert into gantry.queue_turns as t (queue_name, user_ids, ended_at)
  values (p_queue_name, v_user_ids, array_fill('infinity'::timestamptz, array[cardinality(v_user_ids)]))
  on conflict (queue_name) do update set (user_ids, ended_at) = (
    select array_agg(l.id), array_agg(l.ended_at) from (
      select e.id, 'infinity'::timestamptz as ended_at from unnest(excluded.user_ids) e (id)
      union all
      select o.id, least(o.ended_at, p_now) from unnest(t.user_ids, t.ended_at) o (id, ended_at)
      where o.id <> all (excluded.user_ids)
      order by ended_at desc limit c_most_users) l);
end $$;
