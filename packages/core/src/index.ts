export { hasAdminRights, isSessionOpen } from './accounts/accounts.ts';
export { addArtifact, appendEvents, saveCheckpoint } from './attempts/append-events.ts';
export { recordBrowserMetrics } from './attempts/browser-metrics.ts';
export { type ClaimedJob, claimJobs } from './attempts/claim-jobs.ts';
export { createCompleter } from './attempts/create-completer.ts';
export { findSuspects } from './attempts/find-suspects.ts';
export {
  type BrowserMetrics,
  type Completion,
  completeJob,
  completeJobs,
  type FailOutcome,
  failJob,
  freeSlot,
  releaseJob,
} from './attempts/finish-attempt.ts';
export { type AttemptRef, heartbeat } from './attempts/heartbeat.ts';
export { listAttempts } from './attempts/list-attempts.ts';
export { listRunningAttempts } from './attempts/list-running-attempts.ts';
export type { NewJobEvent } from './attempts/new-job-event.ts';
export { Batcher } from './batcher.ts';
export { canWrite } from './db/can-write.ts';
export { checkDatabase } from './db/check-database.ts';
export type { Db } from './db/run-query.ts';
export { createServicePool } from './db/service-pool.ts';
export { type UserClaims, withTransaction, withUser } from './db/with-user.ts';
export { GantryError, LeaseLostError } from './errors.ts';
export { estimateWait } from './estimate/estimate-wait.ts';
export { EventHub, type ReadEvents } from './events/event-hub.ts';
export { getJobEvents } from './events/get-job-events.ts';
export type { Listener } from './events/listener.ts';
export { watchJobEvents } from './events/watch-job-events.ts';
export { openWorkerSession } from './events/worker-session.ts';
export { type CancelReason, cancelJob, cancelJobs, selectCancellable } from './jobs/cancel-job.ts';
export { getArtifact } from './jobs/get-artifact.ts';
export { getJob } from './jobs/get-job.ts';
export { getJobDependencies } from './jobs/get-job-dependencies.ts';
export { getJobInput, type JobInput } from './jobs/get-job-input.ts';
export { getJobOutcome, getJobResults, getRowResults } from './jobs/get-job-results.ts';
export type { JobFilter } from './jobs/job-filter.ts';
export { type Artifact, type JobResults } from './jobs/job-results.ts';
export { listJobs } from './jobs/list-jobs.ts';
export { type RetryReason, retryJob, retryJobs, selectFailed } from './jobs/retry-job.ts';
export {
  findRunning,
  type LiveRequest,
  type LiveSize,
  type RunningJob,
  requestLiveView,
  takeLiveViews,
} from './live-views/live-views.ts';
export { expireJobs, sweepStorage } from './maintenance/delete-expired.ts';
export { deleteJob } from './maintenance/delete-job.ts';
export { type Rescued, rescueJobs } from './maintenance/rescue-jobs.ts';
export { startMaintenance } from './maintenance/start-maintenance.ts';
export { pause } from './pause.ts';
export { countWaitingElsewhere, moveWaitingJobs } from './queues/move-waiting-jobs.ts';
export {
  bindService,
  createQueue,
  deleteQueue,
  getQueueInfo,
  listQueues,
  setQueue,
} from './queues/queues.ts';
export {
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  type ScheduleChange,
  updateSchedule,
} from './schedules/change-schedule.ts';
export { createSchedule, type NewSchedule } from './schedules/create-schedule.ts';
export { type Fired, fireDueSchedules } from './schedules/fire-schedules.ts';
export { getSchedule, listScheduleOccurrences, listSchedules } from './schedules/list-schedules.ts';
export type { CronRule } from './schedules/next-times.ts';
export { previewSchedule } from './schedules/preview-schedule.ts';
export { startScheduler } from './schedules/start-scheduler.ts';
export { getService, hasServices, listServices, publishService } from './services/services.ts';
export { DEFAULTS } from './settings.ts';
export { createDirectoryStorage } from './storage/directory-storage.ts';
export type { Storage, StorageBody } from './storage/storage.ts';
export { newArtifactKey, newUploadKey } from './storage/storage-key.ts';
export { getStorageUsage, requireStorage } from './storage/storage-usage.ts';
export { createSupabaseStorage } from './storage/supabase-storage.ts';
export { createSubmitter } from './submissions/create-submitter.ts';
export {
  isKeyUsed,
  type NewDependency,
  type NewJob,
  type SubmitOptions,
  type Submitted,
  submitJob,
  submitJobs,
} from './submissions/submit-job.ts';
export {
  type ListedDependency,
  type ListedJob,
  type ListOutcome,
  submitList,
} from './submissions/submit-list.ts';
export { createUpload, deleteUpload, getUpload, type Upload } from './uploads/uploads.ts';
export { drainWorker, listWorkers, type NewWorker, registerWorker, stopWorker } from './workers/workers.ts';
