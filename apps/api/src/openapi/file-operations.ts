import { z } from 'zod';
import { refusals } from '../rest/refusals.ts';
import { liveQuery } from '../rest/register-live-view.ts';
import type { PlacedOperation } from './placed-operation.ts';

const BYTES = { type: 'string' as const, format: 'binary' };
const idParam = (name: string) => ({ path: z.strictObject({ [name]: z.guid() }) });

const PICTURES = {
  description:
    'Parts as they come: JPEGs with the headers `gantry-job` and `gantry-attempt`, and JSON with the state. Each has a `content-length`.',
  content: { 'multipart/mixed': { schema: BYTES } },
};

/** The routes that answer with something else than JSON. */
export const fileOperations: PlacedOperation[] = [
  {
    path: '/api/artifacts/:artifactId',
    method: 'get',
    operationId: 'downloadArtifact',
    summary: 'A file that a job made',
    tags: ['Jobs'],
    requestParams: idParam('artifactId'),
    responses: {
      '200': { description: 'The file, of its own content type', content: { '*/*': { schema: BYTES } } },
      ...refusals({ hasBody: false, namesSomething: true }),
    },
  },
  {
    path: '/api/queue/live/:jobId',
    method: 'get',
    operationId: 'watchJobPictures',
    summary: 'The page of a running job, a picture for each change, until the job has finished',
    tags: ['Jobs'],
    requestParams: { ...idParam('jobId'), query: liveQuery },
    responses: { '200': PICTURES, ...refusals({ hasBody: false, namesSomething: true }) },
  },
  {
    path: '/api/admin/live',
    method: 'get',
    operationId: 'watchAllPictures',
    summary: 'The pages of all running jobs, small; for admins',
    tags: ['Admin'],
    responses: { '200': PICTURES, ...refusals({ hasBody: false, isForAdmins: true }) },
  },
];
