import type { ErrorCode } from './errors.ts';

/** What an SQLSTATE means, and the sentence where the one of its code is too general. */
type SqlError = { code: ErrorCode; message?: string };

const UNSTORABLE: SqlError = {
  code: 'VALUE_INVALID',
  message: 'The request contains a character that cannot be stored.',
};
const DATE_OUT_OF_RANGE: SqlError = {
  code: 'VALUE_INVALID',
  message: 'A date in the request is out of range.',
};

/**
 * Every SQLSTATE that is refused with an error of the queue: those that its own functions raise (GQ...), and those of
 * Postgres for values that cannot be stored. A function raises its code as the message and parameters as JSON in the
 * detail.
 */
export const SQL_ERRORS: { readonly [sqlState: string]: SqlError } = {
  GQ001: { code: 'LEASE_LOST' },
  GQ002: { code: 'JOB_NOT_FOUND' },
  GQ003: { code: 'JOB_ALREADY_FINISHED' },
  GQ004: { code: 'SERVICE_NOT_FOUND' },
  GQ005: { code: 'IDEMPOTENCY_CONFLICT' },
  GQ006: { code: 'UPLOAD_NOT_FOUND' },
  GQ007: { code: 'WORKER_UNKNOWN' },
  GQ008: { code: 'VALUE_INVALID', message: 'This attempt has a file of this name already.' },
  GQ009: { code: 'JOB_NOT_RETRYABLE' },
  GQ010: { code: 'DEPENDENCY_NOT_FOUND' },
  GQ011: { code: 'TRANSITION_REFUSED' },
  GQ012: { code: 'DEPENDENCY_UNMET' },
  GQ013: { code: 'QUOTA_EXCEEDED' },
  GQ014: { code: 'STORAGE_QUOTA_EXCEEDED' },
  GQ030: { code: 'QUEUE_NOT_FOUND' },
  GQ031: { code: 'QUEUE_IN_USE' },
  GQ032: { code: 'QUEUE_EXISTS' },
  // A NUL in text (22021, 22P05), half a character or no UUID (22P02), no date (22007, 22008), no zone that far away
  // (22009), out of range, or refused by a CHECK.
  '22021': UNSTORABLE,
  '22P05': UNSTORABLE,
  '22P02': { code: 'VALUE_INVALID', message: 'A value in the request is malformed.' },
  '22007': { code: 'VALUE_INVALID', message: 'A date in the request is malformed.' },
  '22008': DATE_OUT_OF_RANGE,
  '22009': DATE_OUT_OF_RANGE,
  '22003': { code: 'VALUE_INVALID', message: 'A number in the request is out of range.' },
  '23514': { code: 'VALUE_INVALID' },
};

/** The foreign keys of the rows of a user. A row that breaks one (23503) belongs to an account that is gone. */
export const USER_CONSTRAINTS: readonly string[] = [
  'automation_jobs_user_id_fkey',
  'automation_schedules_user_id_fkey',
  'automation_uploads_user_id_fkey',
  'job_allowances_user_id_fkey',
  'storage_usage_user_id_fkey',
];
