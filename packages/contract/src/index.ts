export { describeJobError, describeStatusReason } from './describe-status-reason.ts';
export { describeWaitReason } from './describe-wait-reason.ts';
export { errorCodeSchema } from './error-code-schema.ts';
export { ERRORS, type ErrorCode } from './errors.ts';
export { isFinished, JOB_TRANSITIONS, type JobStatus } from './job-status.ts';
export { SQL_ERRORS, USER_CONSTRAINTS } from './sql-errors.ts';
export { STATUS_REASON_CODES, type StatusReason, statusReasonSchema } from './status-reason.ts';
export { WAIT_REASON_CODES, type WaitReason, waitReasonSchema } from './wait-reason.ts';
