import type { z } from 'zod';
import { refusals } from '../rest/refusals.ts';
import { resultsSchema, submittedSchema, uploadSchema } from '../rest/schemas.ts';
import type { PlacedOperation } from './placed-operation.ts';

const FILE = {
  type: 'string' as const,
  format: 'binary',
  description: 'CSV or .xlsx, as the service accepts it',
};
const SERVICE_ID = { type: 'string' as const, minLength: 1, maxLength: 63, examples: ['ctg-port-tracking'] };

const SUBMISSION_FORM = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['serviceId'],
        additionalProperties: false,
        properties: {
          file: FILE,
          serviceId: SERVICE_ID,
          userId: { type: 'string' as const, format: 'uuid', description: 'Your own id; may be left out' },
          input: { type: 'string' as const, description: 'JSON, by the schema of the service' },
          priority: {
            type: 'string' as const,
            enum: ['0', '1', '2'],
            description: '0 normal, 1 high, 2 urgent (admins)',
          },
          runAt: { type: 'string' as const, format: 'date-time', description: 'Not before then' },
          dependsOn: {
            type: 'string' as const,
            description: 'JSON: [{"jobId", "onFailure": "fail" | "cancel" | "run"}], jobs to run after',
          },
          tags: { type: 'string' as const, description: 'JSON: at most 10 texts of up to 40 characters' },
          idempotencyKey: {
            type: 'string' as const,
            minLength: 1,
            maxLength: 200,
            description: 'Or the header Idempotency-Key',
          },
        },
      },
    },
  },
};

const UPLOAD_FORM = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['file', 'serviceId'],
        properties: { file: FILE, serviceId: SERVICE_ID },
      },
    },
  },
};

const SUBMISSION_REFUSALS = refusals({
  hasBody: true,
  also: {
    403: 'Another user’s id, or a priority that only admins may ask for',
    404: 'No such service, or no such job to run after',
    409: 'The idempotency key was used for another submission, or a job to run after has failed',
    413: 'The file is too large',
    422: 'The file cannot be used; the code says why',
  },
});

const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The routes that take a file. */
export const formOperations: PlacedOperation[] = [
  {
    path: '/api/queue/submit',
    method: 'post',
    operationId: 'submitJob',
    summary: 'Submits a job, with its file',
    tags: ['Jobs'],
    requestBody: SUBMISSION_FORM,
    responses: {
      '201': answer('Submitted', submittedSchema),
      '200': answer('Submitted before, with the same idempotency key', submittedSchema),
      ...SUBMISSION_REFUSALS,
    },
  },
  {
    path: '/api/uploads',
    method: 'post',
    operationId: 'createUpload',
    summary: 'Stores and checks a file for a later submission or schedule',
    tags: ['Jobs'],
    requestBody: UPLOAD_FORM,
    responses: {
      '201': answer('Stored', uploadSchema),
      ...refusals({
        hasBody: true,
        also: {
          404: 'No such service',
          413: 'The file is too large',
          422: 'The file cannot be used; the code says why',
        },
      }),
    },
  },
  {
    path: '/api/run-automation',
    method: 'post',
    operationId: 'runAutomation',
    summary: 'Submits a job and answers when it has finished',
    deprecated: true,
    tags: ['Jobs'],
    requestBody: SUBMISSION_FORM,
    responses: { '200': answer('Finished', resultsSchema), ...SUBMISSION_REFUSALS },
  },
];
