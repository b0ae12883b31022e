/** What can go wrong in the queue, as a stable code. */
export type GantryErrorCode =
  | 'CRON_INVALID'
  | 'CURSOR_INVALID'
  | 'DATABASE_UNAVAILABLE'
  | 'DEPENDENCY_CYCLE'
  | 'DEPENDENCY_NOT_FOUND'
  | 'DEPENDENCY_UNMET'
  | 'FILE_TOO_LARGE'
  | 'IDEMPOTENCY_CONFLICT'
  | 'JOB_ALREADY_FINISHED'
  | 'JOB_NOT_DELETABLE'
  | 'JOB_NOT_FOUND'
  | 'JOB_NOT_RETRYABLE'
  | 'LEASE_LOST'
  | 'LISTEN_UNAVAILABLE'
  | 'QUEUE_EXISTS'
  | 'QUEUE_IN_USE'
  | 'QUEUE_NOT_FOUND'
  | 'QUOTA_EXCEEDED'
  | 'SCHEDULE_NOT_FOUND'
  | 'SELECTION_INVALID'
  | 'SERVICE_NOT_FOUND'
  | 'STORAGE_KEY_TAKEN'
  | 'STORAGE_OBJECT_MISSING'
  | 'STORAGE_QUOTA_EXCEEDED'
  | 'STORAGE_UNAVAILABLE'
  | 'TIME_ZONE_INVALID'
  | 'UPLOAD_NOT_FOUND'
  | 'USER_NOT_FOUND'
  | 'VALUE_INVALID'
  | 'WORKER_UNKNOWN';

/** An error of the queue. The message is a sentence for people and says what to do next. */
export class GantryError extends Error {
  override name = 'GantryError';
  readonly code: GantryErrorCode;

  constructor(code: GantryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The attempt no longer holds its job: stop at once and write nothing more. */
export class LeaseLostError extends GantryError {
  override name = 'LeaseLostError';

  constructor(options?: ErrorOptions) {
    super('LEASE_LOST', 'This attempt no longer holds the job.', options);
  }
}
