-- Time and ids. Postgres parses a body without quotes once, here. So it needs no search_path, and the planner can
-- inline it.

-- The queue's clock is the database's. One function, so that tests can move it in one place.
create function gantry.clock() returns timestamptz
  language sql volatile return clock_timestamp();

create function gantry.milliseconds(p_ms double precision) returns interval
  language sql immutable return make_interval(secs => p_ms / 1000.0);

create function gantry.elapsed_ms(p_from timestamptz, p_to timestamptz) returns integer
  language sql immutable
  return least(2147483647, greatest(0, extract(epoch from p_to - p_from) * 1000))::integer;

-- Ids that grow with time (RFC 9562, version 7) keep the newest entries of every index together. This is a random id
-- of version 4, with the time in its first 48 bits and its version raised by 3.
create function gantry.new_id() returns uuid
  language sql volatile
  return encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1),
    52, 1), 53, 1), 'hex')::uuid;
