export { Batcher } from './batcher.ts';
export { checkDatabase } from './connect/check-database.ts';
export { createServicePool } from './connect/service-pool.ts';
export { createCompleter } from './create-completer.ts';
export { createSubmitter } from './create-submitter.ts';
export { GantryError, LeaseLostError } from './errors.ts';
export { type Artifact, type JobResults } from './job.ts';
export type { NewJobEvent } from './job-event.ts';
export { EventHub, type ReadEvents } from './listen/event-hub.ts';
export type { Listener } from './listen/listener.ts';
export { watchJobEvents } from './listen/watch-job-events.ts';
export { openWorkerSession } from './listen/worker-session.ts';
export { pause } from './pause.ts';
export { hasAdminRights, isSessionOpen } from './queries/accounts.ts';
export { recordBrowserMetrics } from './queries/browser-metrics.ts';
export { canWrite } from './queries/can-write.ts';
export { type CancelReason, cancelJob, cancelJobs, selectCancellable } from './queries/cancel-job.ts';
export {
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  type ScheduleChange,
  updateSchedule,
} from './queries/change-schedule.ts';
export { type ClaimedJob, claimJobs } from './queries/claim-jobs.ts';
export { createSchedule, type NewSchedule } from './queries/create-schedule.ts';
export { deleteJob } from './queries/delete-job.ts';
export { estimateWait } from './queries/estimate-wait.ts';
export { expireJobs, sweepStorage } from './queries/expire.ts';
export { findSuspects } from './queries/find-suspects.ts';
export {
  type BrowserMetrics,
  type Completion,
  completeJob,
  completeJobs,
  type FailOutcome,
  failJob,
  freeSlot,
  releaseJob,
} from './queries/finish.ts';
export { type Fired, fireDueSchedules } from './queries/fire-schedules.ts';
export { getArtifact } from './queries/get-artifact.ts';
export { getJob } from './queries/get-job.ts';
export { getJobDependencies } from './queries/get-job-dependencies.ts';
export { getJobEvents } from './queries/get-job-events.ts';
export { getJobInput, type JobInput } from './queries/get-job-input.ts';
export { getJobOutcome, getJobResults, getRowResults } from './queries/get-job-results.ts';
export { type AttemptRef, heartbeat } from './queries/heartbeat.ts';
export type { JobFilter } from './queries/job-filter.ts';
export { listAttempts } from './queries/list-attempts.ts';
export { listJobs } from './queries/list-jobs.ts';
export { getSchedule, listScheduleFires, listSchedules } from './queries/list-schedules.ts';
export {
  findRunning,
  type LiveRequest,
  type LiveSize,
  type RunningJob,
  requestLiveView,
  takeLiveViews,
} from './queries/live-views.ts';
export { countWaitingElsewhere, moveWaitingJobs } from './queries/move-waiting-jobs.ts';
export { previewSchedule } from './queries/preview-schedule.ts';
export {
  bindService,
  createQueue,
  deleteQueue,
  getQueueInfo,
  listQueues,
  setQueue,
} from './queries/queues.ts';
export { addArtifact, appendEvents, saveCheckpoint } from './queries/report.ts';
export { type Rescued, rescueJobs } from './queries/rescue-jobs.ts';
export { type RetryReason, retryJob, retryJobs, selectFailed } from './queries/retry-job.ts';
export { getService, hasServices, listServices, publishService } from './queries/services.ts';
export { getStorageUsage, requireStorage } from './queries/storage-usage.ts';
export {
  isKeyUsed,
  type NewDependency,
  type NewJob,
  type SubmitOptions,
  type Submitted,
  submitJob,
  submitJobs,
} from './queries/submit-job.ts';
export { createUpload, deleteUpload, getUpload, type Upload } from './queries/uploads.ts';
export { drainWorker, listWorkers, type NewWorker, registerWorker, stopWorker } from './queries/workers.ts';
export type { Db } from './run-query.ts';
export type { CronRule } from './schedule/next-times.ts';
export { DEFAULTS } from './settings.ts';
export { startMaintenance } from './start-maintenance.ts';
export { startScheduler } from './start-scheduler.ts';
export { createDirectoryStorage } from './storage/directory-storage.ts';
export type { Storage, StorageBody } from './storage/storage.ts';
export { newArtifactKey, newUploadKey } from './storage/storage-key.ts';
export { createSupabaseStorage } from './storage/supabase-storage.ts';
export { type ListedDependency, type ListedJob, type ListOutcome, submitList } from './submit-list.ts';
export { type UserClaims, withTransaction, withUser } from './with-user.ts';
