type ErrorEntry = {
  /** The HTTP status of the answer. */
  status: number;
  /** A sentence for people, with what to do next. Errors that know more bring a sentence of their own. */
  message: string;
};

/** Every error of the queue: its stable code, HTTP status and sentence. */
export const ERRORS = {
  ACCOUNT_CLOSED: { status: 403, message: 'The account that this schedule belongs to is closed.' },
  CRON_INVALID: {
    status: 422,
    message: 'The cron expression is not understood, or names a day that never comes. Write another.',
  },
  CURSOR_INVALID: {
    status: 400,
    message: 'This page does not belong to this list. Start again from the first page.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    message: 'The database does not answer at the moment. Please try again shortly.',
  },
  DEPENDENCY_CYCLE: {
    status: 422,
    message: 'These jobs would wait for each other. Leave one of their dependencies out.',
  },
  DEPENDENCY_NOT_FOUND: {
    status: 404,
    message:
      'A job that this one is to run after does not exist, is not yours or has expired. Leave it out, or submit it again first.',
  },
  DEPENDENCY_UNMET: {
    status: 409,
    message:
      'A job that this one runs after did not complete. Retry that one first, or run this one again without it.',
  },
  FILE_TOO_LARGE: { status: 413, message: 'The file is too large. Split it and submit the parts.' },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    message: 'This idempotency key was used for a different submission. Use a new key for a new job.',
  },
  JOB_ALREADY_FINISHED: {
    status: 409,
    message: 'The job has already finished, so it cannot be cancelled.',
  },
  JOB_NOT_DELETABLE: {
    status: 409,
    message:
      'A job can be deleted when it has finished, and so have the jobs that run after it. Cancel them, or delete it later.',
  },
  JOB_NOT_FOUND: {
    status: 404,
    message: 'There is no such job. It may have expired; look at your list of jobs.',
  },
  JOB_NOT_RETRYABLE: { status: 409, message: 'Only a failed job can be retried.' },
  LEASE_LOST: { status: 409, message: 'This attempt no longer holds the job.' },
  LISTEN_UNAVAILABLE: {
    status: 503,
    message: 'The database does not deliver notifications on this connection.',
  },
  PREVIOUS_UNFINISHED: { status: 409, message: 'A job of an earlier occurrence has not finished yet.' },
  QUEUE_EXISTS: { status: 409, message: 'There is a queue of this name already. Choose another name.' },
  QUEUE_IN_USE: {
    status: 409,
    message:
      'A queue can be deleted when no service is bound to it and none of its jobs waits or runs. Bind its services to another queue and let its jobs end first.',
  },
  QUEUE_NOT_FOUND: {
    status: 404,
    message: 'There is no such queue. It may have been deleted; look at the list of queues.',
  },
  QUOTA_EXCEEDED: {
    status: 429,
    message:
      'You have as many unfinished jobs as you may have. Wait until some have finished, or cancel some, and submit again.',
  },
  SCHEDULE_NOT_FOUND: {
    status: 404,
    message: 'There is no such schedule. It may have been deleted; look at your list of schedules.',
  },
  SELECTION_INVALID: {
    status: 409,
    message: 'These jobs were not counted with this filter. Count them again.',
  },
  SERVICE_NOT_FOUND: {
    status: 404,
    message: 'There is no such service. Pick one from the list of services.',
  },
  STORAGE_KEY_TAKEN: { status: 409, message: 'This file was stored before.' },
  STORAGE_OBJECT_MISSING: { status: 404, message: 'The file is gone; it may have expired.' },
  STORAGE_QUOTA_EXCEEDED: {
    status: 413,
    message:
      'Your files fill the storage that you may use. Delete finished jobs whose results you have saved: their files are deleted with them. Otherwise files are deleted when results expire, and uploads that no job uses after a day.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    message: 'File storage does not answer at the moment. Please try again later.',
  },
  TIME_ZONE_INVALID: {
    status: 422,
    message: 'There is no such time zone. Use a name of the IANA database, such as Europe/Berlin or UTC.',
  },
  TRANSITION_REFUSED: { status: 409, message: 'The job cannot change its status like that.' },
  UPLOAD_NOT_FOUND: { status: 404, message: 'There is no such upload. Upload the file again.' },
  USER_NOT_FOUND: { status: 404, message: 'There is no such user. The account may have been deleted.' },
  VALUE_INVALID: { status: 400, message: 'A value in the request is out of range or too long.' },
  WORKER_UNKNOWN: { status: 409, message: 'This worker is not registered, or takes nothing new.' },
} as const satisfies Record<string, ErrorEntry>;

/** A stable code of an error of the queue. */
export type ErrorCode = keyof typeof ERRORS;
