-- The classes of the queue's advisory locks.

-- Claims from one queue, so that one runs after the other. ('GNTQ' as a number.)
create function gantry.queue_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315729 $$;

-- "This worker's session is alive." ('GNTR' as a number.)
create function gantry.session_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315730 $$;

-- "My jobs are joining a line." ('GNTL' as a number.)
create function gantry.line_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315724 $$;

-- Promotion of due jobs, one caller at a time. ('GNTU' as a number.)
create function gantry.promotion_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315733 $$;

-- The count of all jobs, one caller at a time. ('GNSF' as a number.)
create function gantry.figures_lock_class() returns integer
  language sql immutable set search_path = '' as $$ select 1196315462 $$;
