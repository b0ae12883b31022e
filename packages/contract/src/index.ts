export { errorCodeSchema } from './errors/error-code-schema.ts';
export { type ErrorDetail, errorDetailSchema } from './errors/error-detail.ts';
export { ERRORS, type ErrorCode } from './errors/errors.ts';
export { SQL_ERRORS, USER_CONSTRAINTS } from './errors/sql-errors.ts';
export { describeJobError, describeStatusReason } from './jobs/describe-status-reason.ts';
export { describeWaitReason } from './jobs/describe-wait-reason.ts';
export { type BrowserFigures, type EndedAttempt, endedAttemptSchema } from './jobs/ended-attempt.ts';
export {
  type Job,
  type JobPage,
  type JobWithEstimate,
  jobPageSchema,
  jobSchema,
  jobWithEstimateSchema,
} from './jobs/job.ts';
export {
  type JobDependencies,
  jobDependenciesSchema,
  type LinkedJob,
  type OnFailure,
} from './jobs/job-dependencies.ts';
export { type JobEvent, type JobEventBody, jobEventSchema } from './jobs/job-event.ts';
export { isFinished, JOB_TRANSITIONS, type JobStatus } from './jobs/job-status.ts';
export { jobStatusSchema } from './jobs/job-status-schema.ts';
export { type NewRowResult, type RowResult, rowResultSchema } from './jobs/row-result.ts';
export { type Selection, selectionSchema } from './jobs/selection.ts';
export { STATUS_REASON_CODES, type StatusReason, statusReasonSchema } from './jobs/status-reason.ts';
export type { WaitEstimate } from './jobs/wait-estimate.ts';
export { WAIT_REASON_CODES, type WaitReason, waitReasonSchema } from './jobs/wait-reason.ts';
export { type JsonObject, type JsonValue, jsonObjectSchema, jsonSchema } from './json.ts';
export {
  type Queue,
  type QueueFigures,
  type QueueInfo,
  queueInfoSchema,
  queueSchema,
} from './queues/queue.ts';
export {
  type Overlap,
  type Schedule,
  type ScheduleOccurrence,
  type SchedulePage,
  scheduleOccurrenceSchema,
  schedulePageSchema,
  scheduleSchema,
  scheduleWithOccurrencesSchema,
} from './schedules/schedule.ts';
export {
  type AnswerColumn,
  type Service,
  type ServiceDescription,
  serviceSchema,
} from './services/service.ts';
export { type Worker, workerSchema } from './workers/worker.ts';
