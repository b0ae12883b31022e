import type {
  AdminJobCondition,
  AdminJobFilter,
  AdminScheduleFilter,
  Artifact,
  JobCondition,
  JobFilter,
  NewQueue,
  NewSchedule,
  QueueSettings,
  RerunChange,
  ScheduleChange,
  ScheduleFilter,
} from './api-values.ts';
import { checkUrl } from './check-url.ts';
import { connect } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { downloadArtifact } from './download-artifact.ts';
import { type LiveGridOptions, type LiveOptions, watchLive, watchLiveGrid } from './live/watch-live.ts';
import type { SheetFile } from './named-file.ts';
import type { SendOptions } from './send-form.ts';
import { type Submission, submitJob } from './submit-job.ts';
import { type ListedSubmission, submitMany } from './submit-many.ts';
import { uploadFile } from './upload-file.ts';
import { type WaitOptions, waitForJob } from './wait-for-job.ts';
import { type WatchOptions, watchJob } from './watch-job.ts';
import { withApiErrors } from './with-api-errors.ts';

/** A client of one Gantry, acting as the owner of the tokens. */
export type GantryClient = ReturnType<typeof createGantryClient>;

/**
 * Makes a client.
 *
 * Every call throws {@link GantryApiError} when the API refuses or cannot be reached.
 *
 * @throws {TypeError} when `url` is not one
 *
 * @example
 * const gantry = createGantryClient({ url: 'https://gantry.example.com', getToken: () => token });
 * const { jobId } = await gantry.jobs.submit({ serviceId: 'ctg-port-tracking', file });
 * for await (const event of gantry.jobs.watch(jobId)) console.log(event.type, event.data);
 * const { rows, artifacts } = await gantry.jobs.results(jobId);
 */
export function createGantryClient(options: ConnectionOptions) {
  checkUrl(options.url);
  const connection = connect(options);
  const { jobs, schedules, services, queue, admin } = connection;

  return {
    jobs: {
      /** Submits a job, with its file if it has one. Reports the progress of the upload, and can be aborted. */
      submit: (submission: Submission, o: SendOptions = {}) =>
        withApiErrors(() => submitJob(connection, options, submission, o), o.signal),
      /**
       * Submits up to 1,000 jobs without files, each independently: `jobs` has for each, in their order, the job or the
       * error.
       */
      submitMany: (submissions: ListedSubmission[], o: { signal?: AbortSignal | undefined } = {}) =>
        withApiErrors(() => submitMany(options, submissions, o), o.signal),
      /** Submits a finished job once more; what is not changed stays as it was, also the file. */
      rerun: (jobId: string, change: RerunChange = {}) =>
        withApiErrors(() => jobs.rerun.mutate({ ...change, jobId })),
      /** What a job was submitted with. */
      input: (jobId: string) => withApiErrors(() => jobs.input.query({ jobId })),
      /** What a job runs after, and what runs after it. */
      dependencies: (jobId: string) => withApiErrors(() => jobs.dependencies.query({ jobId })),
      /** The attempts of a job that have ended, and what each took. */
      attempts: (jobId: string) => withApiErrors(() => jobs.attempts.query({ jobId })),
      /** A job, its place in the queue and the estimated wait. */
      status: (jobId: string) => withApiErrors(() => jobs.status.query({ jobId })),
      /** The caller's jobs, newest first, a page at a time. */
      list: (filter: JobFilter = {}) => withApiErrors(() => jobs.list.query(filter)),
      /** A page of a job's events. */
      events: (jobId: string, o: { afterSeq?: number; limit?: number } = {}) =>
        withApiErrors(() => jobs.events.query({ jobId, ...o })),
      /** A job's events as they happen, until it has finished. */
      watch: (jobId: string, o: WatchOptions = {}) => watchJob(connection, options, jobId, o),
      /** The page of a job while it is worked on, as pictures, until it has finished. */
      live: (jobId: string, o: LiveOptions = {}) => watchLive(options, jobId, o),
      /** The job once it has finished, whatever its end. @throws {DOMException} TimeoutError after `timeoutMs` */
      waitFor: (jobId: string, o: WaitOptions = {}) => waitForJob(connection, options, jobId, o),
      /** Cancels a pending or running job. */
      cancel: (jobId: string) => withApiErrors(() => jobs.cancel.mutate({ jobId })),
      /** Deletes a finished job with its results and files; frees the storage that they use. */
      delete: (jobId: string) => withApiErrors(() => jobs.delete.mutate({ jobId })),
      /** Counts the caller's jobs that can be cancelled. Hand the answer's `selection` to `cancelMany`. */
      countCancellable: (filter: JobCondition = {}) =>
        withApiErrors(() => jobs.countCancellable.query(filter)),
      /** Cancels those that were counted with the same filter, and says how many that were. */
      cancelMany: (filter: JobCondition & { selection: string }) =>
        withApiErrors(() => jobs.cancelMany.mutate(filter)),
      /** Puts a failed job back in the queue; it continues after the rows that are done. */
      retry: (jobId: string) => withApiErrors(() => jobs.retry.mutate({ jobId })),
      /** What a job found so far. */
      results: (jobId: string) => withApiErrors(() => jobs.results.query({ jobId })),
      /** The bytes of a file that a job made: of an artifact, or by its id. */
      download: (artifact: string | Pick<Artifact, 'id'>, o: { signal?: AbortSignal | undefined } = {}) =>
        withApiErrors(
          () => downloadArtifact(options, typeof artifact === 'string' ? artifact : artifact.id, o.signal),
          o.signal,
        ),
    },
    uploads: {
      /**
       * Checks and keeps a file, for schedules and for jobs that are run again, which take its `uploadId`. Tells how far
       * the upload is, and can be aborted.
       */
      create: (upload: { serviceId: string; file: SheetFile }, o: SendOptions = {}) =>
        withApiErrors(() => uploadFile(options, upload, o), o.signal),
    },
    /** What is submitted again and again: the caller's own, and for admins everybody's. */
    schedules: {
      /** Makes a schedule of five cron fields (or `@daily` and the like) in an IANA time zone. */
      create: (schedule: NewSchedule) => withApiErrors(() => schedules.create.mutate(schedule)),
      /** The caller's schedules, newest first, a page at a time. */
      list: (o: ScheduleFilter = {}) => withApiErrors(() => schedules.list.query(o)),
      /** A schedule, and what became of its last occurrences. */
      get: (scheduleId: string) => withApiErrors(() => schedules.get.query({ scheduleId })),
      /** Changes a schedule; what is left out stays. */
      update: (scheduleId: string, change: ScheduleChange) =>
        withApiErrors(() => schedules.update.mutate({ ...change, scheduleId })),
      pause: (scheduleId: string) => withApiErrors(() => schedules.pause.mutate({ scheduleId })),
      /** Lets it fire again, from its next time on. */
      resume: (scheduleId: string) => withApiErrors(() => schedules.resume.mutate({ scheduleId })),
      /** Deletes a schedule; its jobs stay. */
      delete: (scheduleId: string) => withApiErrors(() => schedules.delete.mutate({ scheduleId })),
      /** The next times of an expression, without making anything of it. */
      preview: (cron: string, timeZone: string, o: { count?: number } = {}) =>
        withApiErrors(() => schedules.preview.query({ cron, timeZone, ...o })),
    },
    services: {
      /** The services that can be picked, by category and name. */
      list: () => withApiErrors(() => services.list.query()),
      get: (serviceId: string) => withApiErrors(() => services.get.query({ serviceId })),
    },
    queue: {
      /** Figures of the whole queue. */
      info: () => withApiErrors(() => queue.info.query()),
    },
    /** For admins. */
    admin: {
      jobs: (filter: AdminJobFilter = {}) => withApiErrors(() => admin.jobs.query(filter)),
      workers: () => withApiErrors(() => admin.workers.query()),
      cancel: (jobId: string) => withApiErrors(() => admin.cancel.mutate({ jobId })),
      retry: (jobId: string) => withApiErrors(() => admin.retry.mutate({ jobId })),
      countCancellable: (filter: AdminJobCondition = {}) =>
        withApiErrors(() => admin.countCancellable.query(filter)),
      /** Cancels those that were counted with the same filter, and says how many that were. */
      cancelMany: (filter: AdminJobCondition & { selection: string }) =>
        withApiErrors(() => admin.cancelMany.mutate(filter)),
      countFailed: (filter: AdminJobCondition = {}) => withApiErrors(() => admin.countFailed.query(filter)),
      /** Retries those that were counted with the same filter, oldest first, and says how many that were. */
      retryMany: (filter: AdminJobCondition & { selection: string }) =>
        withApiErrors(() => admin.retryMany.mutate(filter)),
      /** Everybody's schedules, newest first. */
      schedules: (filter: AdminScheduleFilter = {}) => withApiErrors(() => admin.schedules.query(filter)),
      /** The pages of all jobs that run, as small pictures over one connection. */
      live: (o: LiveGridOptions = {}) => watchLiveGrid(options, o),
      cleanup: () => withApiErrors(() => admin.cleanup.mutate()),
      queues: {
        /** The queues by name, what waits and runs in them, and which services are bound to them. */
        list: () => withApiErrors(() => admin.queues.list.query()),
        /** Creates a queue; it runs one job at a time by default. */
        create: (settings: NewQueue) => withApiErrors(() => admin.queues.create.mutate(settings)),
        /** Pauses, resumes or limits a queue, at once. */
        update: (settings: QueueSettings) => withApiErrors(() => admin.queues.update.mutate(settings)),
        /** Deletes a queue that no service is bound to and where no job waits or runs. */
        delete: (name: string) => withApiErrors(() => admin.queues.delete.mutate({ name })),
        /**
         * Binds a service to a queue, or with null to the one that its code names. Its waiting jobs stay where they are
         * unless `moveWaiting` is true; `moved` says how many went along.
         */
        bind: (serviceId: string, queueName: string | null, o: { moveWaiting?: boolean } = {}) =>
          withApiErrors(() => admin.queues.bind.mutate({ serviceId, queue: queueName, ...o })),
        /** Counts the waiting jobs of a service that `bind` with `moveWaiting` would move. */
        countWaiting: (serviceId: string, queueName: string | null) =>
          withApiErrors(() => admin.queues.countWaiting.query({ serviceId, queue: queueName })),
      },
    },
  };
}
