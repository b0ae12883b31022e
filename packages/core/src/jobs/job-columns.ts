import {
  describeJobError,
  describeStatusReason,
  type Job,
  type JobStatus,
  type JsonValue,
  type StatusReason,
} from '@gantry/contract';

/** The tables of a {@link Job}. Left joins: a reader need not see the service any more. */
export const FROM_JOBS = `from public.automation_jobs j
  left join public.automation_services s on s.id = j.service_id
  left join public.automation_uploads u on u.id = j.upload_id`;

/** Columns and tables of a {@link Job}. */
export const SELECT_JOB = `
  select j.id, j.seq, j.user_id, j.service_id, coalesce(s.name, j.service_id) as service_name, j.queue_name, j.status,
    j.status_reason, j.failed_dependency_id, j.losses, j.priority, j.attempt, j.attempts_used, j.max_attempts, j.progress_done, j.progress_total, j.step,
    j.error_code, j.error_message, u.file_name, j.event_seq, j.created_at, j.run_at, j.started_at, j.finished_at,
    j.expires_at, j.tags, j.blocked_by, j.rerun_of, j.schedule_id, j.scheduled_for,
    case when j.status = 'completed' then (
      select p.summary -> 'failed' from public.automation_job_payloads p where p.job_id = j.id) end as failed_rows
  ${FROM_JOBS}`;

/** A row of {@link SELECT_JOB}. */
export type JobRow = {
  id: string;
  seq: string;
  user_id: string;
  service_id: string;
  service_name: string;
  queue_name: string;
  status: JobStatus;
  status_reason: StatusReason['code'];
  failed_dependency_id: string | null;
  losses: number;
  priority: number;
  attempt: number;
  attempts_used: number;
  max_attempts: number;
  progress_done: number | null;
  progress_total: number | null;
  step: string | null;
  error_code: string | null;
  error_message: string | null;
  file_name: string | null;
  event_seq: number;
  created_at: Date;
  run_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  expires_at: Date | null;
  tags: string[] | null;
  blocked_by: number;
  rerun_of: string | null;
  schedule_id: string | null;
  scheduled_for: Date | null;
  failed_rows: JsonValue;
};

/** The value of a row. */
export function toJob(row: JobRow): Job {
  const cause = toCause(row);
  return {
    id: row.id,
    userId: row.user_id,
    serviceId: row.service_id,
    serviceName: row.service_name,
    queue: row.queue_name,
    status: row.status,
    cause,
    statusReason: describeStatusReason(cause),
    priority: row.priority,
    attempt: row.attempt,
    attemptsUsed: row.attempts_used,
    maxAttempts: row.max_attempts,
    progress:
      row.progress_done === null || row.progress_total === null
        ? null
        : { done: row.progress_done, total: row.progress_total },
    failedRows: toCount(row.failed_rows),
    step: row.step,
    error: toJobError(row, cause),
    fileName: row.file_name,
    tags: row.tags ?? [],
    blockedBy: row.blocked_by,
    rerunOf: row.rerun_of,
    scheduleId: row.schedule_id,
    scheduledFor: row.scheduled_for?.toISOString() ?? null,
    eventSeq: row.event_seq,
    createdAt: row.created_at.toISOString(),
    runAt: row.run_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}

/** A summary is what an automation says: what is no count is none. */
function toCount(value: JsonValue): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

/** @see gantry.status_cause in supabase/schemas/15_jobs.sql, which makes the same of the columns for events */
function toCause(row: JobRow): StatusReason {
  const { status_reason: code, failed_dependency_id: jobId } = row;
  if (code === 'dependency_failed') return { code, jobId: jobId ?? '' };
  return code === 'worker_lost_repeatedly' ? { code, times: row.losses } : { code };
}

function toJobError(row: JobRow, cause: StatusReason): Job['error'] {
  if (row.error_code === null) return null;
  return {
    code: row.error_code,
    message: row.error_message ?? describeJobError(row.error_code, cause),
  };
}

/** The error of a row of a file, which has both columns or none. */
export function toError(row: { error_code: string | null; error_message: string | null }) {
  return row.error_code === null || row.error_message === null
    ? null
    : { code: row.error_code, message: row.error_message };
}
