export { describeFailedRows } from './describe-failed-rows.ts';
export { describeJob } from './describe-job.ts';
export { describeWait, describeWaitTime } from './describe-wait.ts';
export { GantryProvider, useGantryClient } from './gantry-provider.tsx';
export {
  type JobFile,
  type LiveJob,
  type LiveRow,
  type LogEntry,
  reduceJobEvents,
  type StateChange,
  type Step,
  UNKNOWN_JOB,
} from './live-job.ts';
export { QueueStatus, type QueueStatusProps } from './queue-status.tsx';
export { rowPlace } from './row-place.ts';
export { useCancelJob } from './use-cancel-job.ts';
export { useIsTabShown } from './use-is-tab-shown.ts';
export { useJob } from './use-job.ts';
export { useJobs } from './use-jobs.ts';
export { type LiveView, useLiveFrame } from './use-live-frame.ts';
export { useQueueInfo } from './use-queue-info.ts';
export { useRetryJob } from './use-retry-job.ts';
export { useServices } from './use-services.ts';
export { type SubmitJob, useSubmitJob } from './use-submit-job.ts';
