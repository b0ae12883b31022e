import { selectionSchema } from '@gantry/contract';
import { z } from 'zod';

import { adminJobFilter, jobFilter, selection } from '../procedures/inputs.ts';
import { SUBMISSION_LIST_BYTES, submissionList } from '../submissions/submission.ts';
import type { RestRoute } from './rest-route.ts';
import { manySchema } from './schemas.ts';

const own = z.strictObject(jobFilter);
const ownSelected = own.extend({ selection });
const everybodys = z.strictObject(adminJobFilter);
const everybodysSelected = everybodys.extend({ selection });
const cancelledSchema = z.object({ cancelled: z.int() });

/** What is done to many jobs at once. Cancelling and retrying takes two calls: the first counts, the second acts. */
export const restManyRoutes: RestRoute[] = [
  {
    method: 'POST',
    path: '/api/queue/submit-many',
    operationId: 'submitJobs',
    summary: 'Submits up to 1,000 jobs, each for itself; one may run after another of the list',
    tag: 'Jobs',
    body: submissionList,
    bodyLimit: SUBMISSION_LIST_BYTES,
    response: manySchema,
    run: (procedures, { body }) => procedures.jobs.submitMany(submissionList.parse(body)),
  },
  {
    method: 'GET',
    path: '/api/queue/cancellable',
    operationId: 'countCancellable',
    summary: 'Counts your jobs that can be cancelled',
    tag: 'Jobs',
    query: own,
    response: selectionSchema,
    run: (procedures, { query }) => procedures.jobs.countCancellable(own.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/queue/cancel-many',
    operationId: 'cancelJobs',
    summary: 'Cancels those that were counted with the same filter',
    tag: 'Jobs',
    body: ownSelected,
    response: cancelledSchema,
    refuses: { 409: 'The selection is not one of this filter, or has expired' },
    run: (procedures, { body }) => procedures.jobs.cancelMany(ownSelected.parse(body)),
  },
  {
    method: 'GET',
    path: '/api/admin/queue/cancellable',
    operationId: 'countAllCancellable',
    summary: "Counts everybody's jobs that can be cancelled",
    tag: 'Admin',
    query: everybodys,
    response: selectionSchema,
    run: (procedures, { query }) => procedures.admin.countCancellable(everybodys.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/admin/queue/cancel-many',
    operationId: 'cancelAllJobs',
    summary: 'Cancels those that were counted with the same filter',
    tag: 'Admin',
    body: everybodysSelected,
    response: cancelledSchema,
    refuses: { 409: 'The selection is not one of this filter, or has expired' },
    run: (procedures, { body }) => procedures.admin.cancelMany(everybodysSelected.parse(body)),
  },
  {
    method: 'GET',
    path: '/api/admin/queue/failed',
    operationId: 'countAllFailed',
    summary: "Counts everybody's jobs that failed",
    tag: 'Admin',
    query: everybodys,
    response: selectionSchema,
    run: (procedures, { query }) => procedures.admin.countFailed(everybodys.parse(query)),
  },
  {
    method: 'POST',
    path: '/api/admin/queue/retry-many',
    operationId: 'retryAllJobs',
    summary: 'Retries those that were counted with the same filter',
    tag: 'Admin',
    body: everybodysSelected,
    response: z.object({ retried: z.int() }),
    refuses: { 409: 'The selection is not one of this filter, or has expired' },
    run: (procedures, { body }) => procedures.admin.retryMany(everybodysSelected.parse(body)),
  },
];
