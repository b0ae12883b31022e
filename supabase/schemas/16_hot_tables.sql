-- Narrow tables of the jobs that are ready, that run and that have ended. Each function that moves a job maintains them
-- in the statement that changes the job.

-- The jobs that are ready, in the order of claims.
create table gantry.ready_jobs (
  queue_name text not null,
  place timestamptz not null,
  rank timestamptz not null,
  seq bigint not null,
  job_id uuid not null,
  user_id uuid not null,
  service_id text not null,
  priority smallint not null,
  primary key (queue_name, place, rank, seq)
) with (
  -- All rows come and go: they are vacuumed by how many went, not by a share of how many there are.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
-- The next job of each user, to let users take turns.
create index ready_jobs_turn_idx on gantry.ready_jobs (queue_name, user_id, place, rank, seq);

create table gantry.running_jobs (
  queue_name text not null,
  -- As in the job. In a queue it never goes back, even if the clock does.
  attempt_started_at timestamptz not null,
  job_id uuid not null,
  user_id uuid not null,
  primary key (queue_name, attempt_started_at, job_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The jobs that have ended, in the order in which they expire.
create table gantry.expiring_jobs (
  expires_at timestamptz not null,
  job_id uuid not null,
  primary key (expires_at, job_id)
);

-- A cancelled attempt whose browser may still be alive: it counts against the limit of its queue until its worker
-- confirms that the browser is gone, or until its lease would have ended.
create table gantry.lingering_attempts (
  job_id uuid not null,
  attempt integer not null,
  queue_name text not null,
  held_until timestamptz not null,
  primary key (job_id, attempt)
);
create index lingering_attempts_queue_name_idx on gantry.lingering_attempts (queue_name);
