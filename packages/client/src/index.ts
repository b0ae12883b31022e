export type { JsonObject, JsonValue } from '@gantry/contract';
export {
  describeStatusReason,
  describeWaitReason,
  isFinished,
  type StatusReason,
  type WaitReason,
} from '@gantry/contract';
export { GantryApiError } from './api-error.ts';
export {
  type AdminJobCondition,
  type AdminJobFilter,
  type AdminScheduleFilter,
  type AnswerColumn,
  type Artifact,
  type Attempt,
  type CleanupResult,
  type Job,
  type JobCondition,
  type JobDependencies,
  type JobEvent,
  type JobFilter,
  type JobInput,
  type JobPage,
  type JobResults,
  type JobSelection,
  type JobStatus,
  type JobStatusView,
  type NewQueue,
  type NewSchedule,
  type Queue,
  type QueueInfo,
  type QueueSettings,
  type RerunChange,
  type RowResult,
  type Schedule,
  type ScheduleChange,
  type ScheduleFilter,
  type ScheduleOccurrence,
  type ScheduleWithOccurrences,
  type Service,
  type Submitted,
  type SubmittedMany,
  type Worker,
} from './api-values.ts';
export type { ConnectionOptions } from './connection-options.ts';
export { createGantryClient, type GantryClient } from './create-gantry-client.ts';
export type { LiveFrame, LiveState, RunningJob } from './live/live-values.ts';
export type { LiveGridOptions, LiveOptions } from './live/watch-live.ts';
export type { SheetFile } from './named-file.ts';
export type { SendOptions, UploadProgress } from './send-form.ts';
export type { Dependency, Submission, SubmittedJob } from './submit-job.ts';
export type { ListedSubmission } from './submit-many.ts';
export type { GetToken } from './token.ts';
export type { FoundRows, Upload } from './upload-file.ts';
export type { WaitOptions } from './wait-for-job.ts';
export type { WatchOptions } from './watch-job.ts';
