import {
  endedAttemptSchema,
  jobDependenciesSchema,
  jobEventSchema,
  jobPageSchema,
  jobWithEstimateSchema,
  serviceSchema,
  workerSchema,
} from '@gantry/contract';
import { z } from 'zod';
import { ApiError } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';
import { anyId, jobFilter, listOptions } from '../procedures/inputs.ts';
import { requireAdmin } from '../procedures/trpc.ts';
import { rerunChange } from '../submissions/submission.ts';
import type { OwnRefusals } from './refusals.ts';
import { restManyRoutes } from './rest-many-routes.ts';
import { restQueueRoutes } from './rest-queue-routes.ts';
import type { RestRoute } from './rest-route.ts';
import { restScheduleRoutes } from './rest-schedule-routes.ts';
import {
  cleanupSchema,
  doneSchema,
  queueInfoWithStorageSchema,
  resultsSchema,
  submittedSchema,
} from './schemas.ts';

const jobParams = z.strictObject({ jobId: anyId });
const serviceParams = z.strictObject({ serviceId: z.string().min(1).max(63) });
const rerunBody = z.strictObject(rerunChange);
const userParams = z.strictObject({ userId: anyId });
// In a query everything is text.
const page = { ...listOptions, limit: z.coerce.number().int().min(1).max(100).default(25) };
const ownList = z.strictObject({ ...page, ...jobFilter });
const everybodysList = ownList.extend({ userId: anyId.optional() });
const eventPage = z.strictObject({
  afterSeq: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
});
// Clients of the earlier API send their own id along; it must be theirs.
const withUserId = z.strictObject({ userId: anyId.optional() });

const SUBMISSION_REFUSALS: OwnRefusals = {
  403: 'A priority that only admins may ask for',
  404: 'No such job, service or upload, or no such job to run after',
  409: 'The job has not finished, the idempotency key was used for another submission, or a job to run after has failed',
  422: 'The service needs a file, or takes none',
};

/** The endpoints of the earlier API, and the others that users need for their own jobs. */
export const restRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: '/api/queue/status/:jobId',
    operationId: 'getJob',
    summary: 'A job, its place in the queue and the estimated wait',
    tag: 'Jobs',
    params: jobParams,
    query: withUserId,
    response: jobWithEstimateSchema,
    refuses: { 403: 'Another user’s id' },
    async run(procedures, { params, query }, ctx) {
      await requireSelf(ctx, withUserId.parse(query).userId);
      return procedures.jobs.status(jobParams.parse(params));
    },
  },
  {
    method: 'GET',
    path: '/api/queue/user/:userId',
    operationId: 'listJobsOfUser',
    summary: "A user's jobs, newest first",
    tag: 'Jobs',
    params: userParams,
    query: ownList,
    response: jobPageSchema,
    refuses: { 403: 'Another user’s id' },
    async run(procedures, { params, query }, ctx) {
      const { userId } = userParams.parse(params);
      const filter = ownList.parse(query);
      if (userId === ctx.caller.userId) return procedures.jobs.list(filter);
      await requireSelf(ctx, userId);
      return procedures.admin.jobs({ ...filter, userId });
    },
  },
  {
    method: 'POST',
    path: '/api/queue/cancel/:jobId',
    operationId: 'cancelJob',
    summary: 'Cancels a pending or running job',
    tag: 'Jobs',
    params: jobParams,
    query: withUserId,
    response: jobWithEstimateSchema,
    refuses: { 403: 'Another user’s id', 409: 'The job has finished' },
    async run(procedures, { params, query }, ctx) {
      await requireSelf(ctx, withUserId.parse(query).userId);
      return procedures.jobs.cancel(jobParams.parse(params));
    },
  },
  {
    method: 'POST',
    path: '/api/queue/retry/:jobId',
    operationId: 'retryJob',
    summary: 'Puts a failed job back in the queue; it continues after the rows that are done',
    tag: 'Jobs',
    params: jobParams,
    response: jobWithEstimateSchema,
    refuses: { 409: 'The job has not failed, or was deleted with its file' },
    run: (procedures, { params }) => procedures.jobs.retry(jobParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/queue/delete/:jobId',
    operationId: 'deleteJob',
    summary: 'Deletes a finished job with its results and files; frees the storage that they use',
    tag: 'Jobs',
    params: jobParams,
    response: doneSchema,
    refuses: { 409: 'The job, or one that runs after it, has not finished' },
    run: (procedures, { params }) => procedures.jobs.delete(jobParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/queue/rerun/:jobId',
    operationId: 'rerunJob',
    summary: 'Submits a finished job once more; what is not changed stays as it was, also the file',
    tag: 'Jobs',
    params: jobParams,
    body: rerunBody,
    response: submittedSchema,
    created: true,
    refuses: SUBMISSION_REFUSALS,
    run: (procedures, { params, body }) =>
      procedures.jobs.rerun({ ...jobParams.parse(params), ...rerunBody.parse(body) }),
  },
  {
    method: 'GET',
    path: '/api/queue/dependencies/:jobId',
    operationId: 'getJobDependencies',
    summary: 'What a job runs after, and what runs after it',
    tag: 'Jobs',
    params: jobParams,
    response: jobDependenciesSchema,
    run: (procedures, { params }) => procedures.jobs.dependencies(jobParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/queue/attempts/:jobId',
    operationId: 'listAttempts',
    summary: 'The attempts of a job that have ended, and what each took',
    tag: 'Jobs',
    params: jobParams,
    response: z.array(endedAttemptSchema),
    run: (procedures, { params }) => procedures.jobs.attempts(jobParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/queue/results/:jobId',
    operationId: 'getResults',
    summary: 'What a job found: summary, rows and files',
    tag: 'Jobs',
    params: jobParams,
    query: withUserId,
    response: resultsSchema,
    refuses: { 403: 'Another user’s id' },
    async run(procedures, { params, query }, ctx) {
      await requireSelf(ctx, withUserId.parse(query).userId);
      return procedures.jobs.results(jobParams.parse(params));
    },
  },
  {
    method: 'GET',
    path: '/api/queue/events/:jobId',
    operationId: 'listEvents',
    summary: 'What happened to a job, in order; ask again after the last `seq` for what came since',
    tag: 'Jobs',
    params: jobParams,
    query: eventPage,
    response: z.array(jobEventSchema),
    run: (procedures, { params, query }) =>
      procedures.jobs.events({ ...jobParams.parse(params), ...eventPage.parse(query) }),
  },
  {
    method: 'GET',
    path: '/api/services',
    operationId: 'listServices',
    summary: 'What can be submitted',
    tag: 'Services',
    response: z.array(serviceSchema),
    run: (procedures) => procedures.services.list(),
  },
  {
    method: 'GET',
    path: '/api/services/:serviceId',
    operationId: 'getService',
    summary: 'A service, with the JSON Schema of its input and the file that it takes',
    tag: 'Services',
    params: serviceParams,
    response: serviceSchema,
    run: (procedures, { params }) => procedures.services.get(serviceParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/queue/info',
    operationId: 'getQueueInfo',
    summary: 'Figures of the whole queue, and the storage that the caller uses',
    tag: 'Queue',
    response: queueInfoWithStorageSchema,
    run: (procedures) => procedures.queue.info(),
  },
  {
    method: 'GET',
    path: '/api/admin/workers',
    operationId: 'listWorkers',
    summary: 'The workers and what they run',
    tag: 'Admin',
    response: z.array(workerSchema),
    run: (procedures) => procedures.admin.workers(),
  },
  {
    method: 'GET',
    path: '/api/admin/queue/all',
    operationId: 'listAllJobs',
    summary: "Everybody's jobs, newest first",
    tag: 'Admin',
    query: everybodysList,
    response: jobPageSchema,
    run: (procedures, { query }) => procedures.admin.jobs(everybodysList.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/admin/queue/cleanup',
    operationId: 'cleanUp',
    summary: 'Deletes what has expired and rescues the jobs of dead workers',
    tag: 'Admin',
    response: cleanupSchema,
    run: (procedures) => procedures.admin.cleanup(),
  },
  ...restManyRoutes,
  ...restScheduleRoutes,
  ...restQueueRoutes,
];

/** @throws {ApiError} FORBIDDEN for another user's id, unless the caller is an admin */
async function requireSelf({ deps, caller }: UserContext, userId: string | undefined): Promise<void> {
  if (userId === undefined || userId === caller.userId) return;
  await requireAdmin(deps, caller).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(403, 'FORBIDDEN', 'You can ask for your own jobs only.');
  });
}
