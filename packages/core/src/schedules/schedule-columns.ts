import {
  ERRORS,
  type ErrorCode,
  type JobStatus,
  type JsonValue,
  type Overlap,
  type Schedule,
  type ScheduleOccurrence,
} from '@gantry/contract';

/** Columns of a {@link ScheduleOccurrence}, of a fire `f` and its job `j`. */
export const OCCURRENCE_COLUMNS = `f.occurs_at, f.outcome, f.reason_code, f.job_id, j.status as job_status,
  f.created_at as fired_at`;

/** A row of {@link OCCURRENCE_COLUMNS}. */
export type OccurrenceRow = {
  occurs_at: Date;
  outcome: ScheduleOccurrence['outcome'];
  reason_code: ErrorCode | null;
  job_id: string | null;
  job_status: JobStatus | null;
  fired_at: Date;
};

/** Columns and tables of a {@link Schedule}. Left joins: a reader need not see the service any more. */
export const SELECT_SCHEDULE = `
  select s.id, s.user_id, s.name, s.service_id, coalesce(v.name, s.service_id) as service_name, s.input, s.upload_id,
    u.file_name, s.priority, s.tags, s.cron, s.time_zone, s.overlap, s.is_paused, s.next_occurrence_at, s.created_at,
    s.updated_at, ${OCCURRENCE_COLUMNS}
  from public.automation_schedules s
  left join public.automation_services v on v.id = s.service_id
  left join public.automation_uploads u on u.id = s.upload_id
  left join lateral (
    select * from public.automation_schedule_occurrences l where l.schedule_id = s.id order by l.occurs_at desc limit 1) f on true
  left join public.automation_jobs j on j.id = f.job_id`;

/** A row of {@link SELECT_SCHEDULE}. */
export type ScheduleRow = (OccurrenceRow | { [column in keyof OccurrenceRow]: null }) & {
  id: string;
  user_id: string;
  name: string;
  service_id: string;
  service_name: string;
  input: JsonValue;
  upload_id: string | null;
  file_name: string | null;
  priority: number;
  tags: string[] | null;
  cron: string;
  time_zone: string;
  overlap: Overlap;
  is_paused: boolean;
  next_occurrence_at: Date | null;
  created_at: Date;
  updated_at: Date;
};

/** The value of a row. */
export function toSchedule(row: ScheduleRow): Schedule {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    serviceId: row.service_id,
    serviceName: row.service_name,
    input: row.input,
    uploadId: row.upload_id,
    fileName: row.file_name,
    priority: row.priority,
    tags: row.tags ?? [],
    cron: row.cron,
    timeZone: row.time_zone,
    overlap: row.overlap,
    isPaused: row.is_paused,
    nextOccurrenceAt: row.next_occurrence_at?.toISOString() ?? null,
    lastOccurrence: row.occurs_at === null ? null : toOccurrence(row),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** The value of a row. */
export function toOccurrence(row: OccurrenceRow): ScheduleOccurrence {
  return {
    occursAt: row.occurs_at.toISOString(),
    outcome: row.outcome,
    reason: row.reason_code && { code: row.reason_code, message: ERRORS[row.reason_code].message },
    jobId: row.job_id,
    jobStatus: row.job_status,
    createdAt: row.fired_at.toISOString(),
  };
}
