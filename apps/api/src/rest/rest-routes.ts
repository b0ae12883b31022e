import { z } from 'zod';
import type { UserContext } from '../context.ts';
import { ApiError } from '../errors/api-error.ts';
import type { createCaller } from '../router.ts';
import { jobFilter, listOptions } from '../routes/inputs.ts';
import { rerunChange } from '../routes/submission.ts';
import { requireAdmin } from '../trpc.ts';
import { restManyRoutes } from './rest-many-routes.ts';
import { restQueueRoutes } from './rest-queue-routes.ts';
import { restScheduleRoutes } from './rest-schedule-routes.ts';
import {
  attemptsSchema,
  cleanupSchema,
  dependenciesSchema,
  jobPageSchema,
  jobWithEstimateSchema,
  queueInfoSchema,
  resultsSchema,
  submittedSchema,
  workersSchema,
} from './schemas.ts';

/** The procedures, called as whoever sent the request. */
export type Procedures = ReturnType<typeof createCaller>;

/** A REST route over a procedure: what Fastify serves and what the OpenAPI document says are both made from it. */
export type RestRoute = {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  tag: 'Jobs' | 'Schedules' | 'Queue' | 'Admin';
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** JSON. */
  body?: z.ZodObject;
  /** Bytes that the body may have, where that is more than usual. */
  bodyLimit?: number;
  response: z.ZodType;
  run(
    procedures: Procedures,
    request: { params: unknown; query: unknown; body: unknown },
    ctx: UserContext,
  ): Promise<unknown>;
};

const jobParams = z.strictObject({ jobId: z.uuid() });
const rerunBody = z.strictObject(rerunChange);
const userParams = z.strictObject({ userId: z.uuid() });
// In a query everything is text.
const page = { ...listOptions, limit: z.coerce.number().int().min(1).max(100).default(25) };
const ownList = z.object({ ...page, ...jobFilter });
const everybodysList = ownList.extend({ userId: z.uuid().optional() });
// The guide's clients send their own id along; it must be theirs.
const withUserId = z.object({ userId: z.uuid().optional() });

/** The endpoints of the guide. */
export const restRoutes: RestRoute[] = [
  {
    method: 'GET',
    path: '/api/queue/status/:jobId',
    summary: 'A job, its place in the queue and the estimated wait',
    tag: 'Jobs',
    params: jobParams,
    query: withUserId,
    response: jobWithEstimateSchema,
    async run(procedures, { params, query }, ctx) {
      await requireSelf(ctx, withUserId.parse(query).userId);
      return procedures.jobs.status(jobParams.parse(params));
    },
  },
  {
    method: 'GET',
    path: '/api/queue/user/:userId',
    summary: "A user's jobs, newest first",
    tag: 'Jobs',
    params: userParams,
    query: ownList,
    response: jobPageSchema,
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
    summary: 'Cancels a pending or running job',
    tag: 'Jobs',
    params: jobParams,
    response: jobWithEstimateSchema,
    run: (procedures, { params }) => procedures.jobs.cancel(jobParams.parse(params)),
  },
  {
    method: 'POST',
    path: '/api/queue/rerun/:jobId',
    summary: 'Submits a finished job once more; what is not changed stays as it was, also the file',
    tag: 'Jobs',
    params: jobParams,
    body: rerunBody,
    response: submittedSchema,
    run: (procedures, { params, body }) =>
      procedures.jobs.rerun({ ...jobParams.parse(params), ...rerunBody.parse(body ?? {}) }),
  },
  {
    method: 'GET',
    path: '/api/queue/dependencies/:jobId',
    summary: 'What a job runs after, and what runs after it',
    tag: 'Jobs',
    params: jobParams,
    response: dependenciesSchema,
    run: (procedures, { params }) => procedures.jobs.dependencies(jobParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/queue/attempts/:jobId',
    summary: 'The attempts of a job that have ended, and what each took',
    tag: 'Jobs',
    params: jobParams,
    response: attemptsSchema,
    run: (procedures, { params }) => procedures.jobs.attempts(jobParams.parse(params)),
  },
  {
    method: 'GET',
    path: '/api/queue/results/:jobId',
    summary: 'What a job found: summary, rows and files',
    tag: 'Jobs',
    params: jobParams,
    query: withUserId,
    response: resultsSchema,
    async run(procedures, { params, query }, ctx) {
      await requireSelf(ctx, withUserId.parse(query).userId);
      return procedures.jobs.results(jobParams.parse(params));
    },
  },
  {
    method: 'GET',
    path: '/api/queue/info',
    summary: 'Figures of the whole queue',
    tag: 'Queue',
    response: queueInfoSchema,
    run: (procedures) => procedures.queue.info(),
  },
  {
    method: 'GET',
    path: '/api/admin/workers',
    summary: 'The workers and what they run',
    tag: 'Admin',
    response: workersSchema,
    run: (procedures) => procedures.admin.workers(),
  },
  {
    method: 'GET',
    path: '/api/admin/queue/all',
    summary: "Everybody's jobs, newest first",
    tag: 'Admin',
    query: everybodysList,
    response: jobPageSchema,
    run: (procedures, { query }) => procedures.admin.jobs(everybodysList.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/admin/queue/cleanup',
    summary: 'Deletes what has expired and rescues the jobs of dead workers',
    tag: 'Admin',
    response: cleanupSchema,
    run: (procedures) => procedures.admin.cleanup(),
  },
  ...restManyRoutes,
  ...restScheduleRoutes,
  ...restQueueRoutes,
];

/** @throws {ApiError} FORBIDDEN for somebody else's id, unless an admin asks */
async function requireSelf({ deps, caller }: UserContext, userId: string | undefined): Promise<void> {
  if (userId === undefined || userId === caller.userId) return;
  await requireAdmin(deps, caller).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(403, 'FORBIDDEN', 'You can ask for your own jobs only.');
  });
}
