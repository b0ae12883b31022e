-- Applied once, after the migrations, to a new local database. Safe to repeat.
-- Services and queues of automations are published by the workers themselves; nothing of them stands here.
insert into public.automation_queues (name, concurrency_limit) values ('default', 1) on conflict (name) do nothing;
