import { z } from 'zod';
import { type RestRoute, restRoutes } from './rest-routes.ts';
import { errorSchema, resultsSchema, submittedSchema, uploadSchema } from './schemas.ts';

const json = (schema: z.ZodType) => ({
  'application/json': { schema: z.toJSONSchema(schema, { io: 'output', target: 'openapi-3.0' }) },
});
const answer = (description: string, schema: z.ZodType) => ({ description, content: json(schema) });
const error = (description: string) => answer(description, errorSchema);

const COMMON_ERRORS = {
  '400': error('The request is not right'),
  '401': error('No token, or one that has ended'),
  '403': error('Not yours'),
  '404': error('Not there, or not yours'),
  '429': error('Too many requests'),
  '503': error('Try again shortly'),
};

const FORM = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['serviceId'],
        properties: {
          file: { type: 'string', format: 'binary', description: 'CSV or .xlsx, as the service accepts it' },
          serviceId: { type: 'string', example: 'ctg-port-tracking' },
          userId: { type: 'string', format: 'uuid', description: 'Your own id; may be left out' },
          input: { type: 'string', description: 'JSON, by the schema of the service' },
          priority: {
            type: 'string',
            enum: ['0', '1', '2'],
            description: '0 normal, 1 high, 2 urgent (admins)',
          },
          runAt: { type: 'string', format: 'date-time', description: 'Not before then' },
          dependsOn: {
            type: 'string',
            description: 'JSON: [{"jobId", "onFailure": "fail" | "cancel" | "run"}], jobs to run after',
          },
          tags: { type: 'string', description: 'JSON: at most 10 texts of up to 40 characters' },
          idempotencyKey: { type: 'string', maxLength: 200, description: 'Or the header Idempotency-Key' },
        },
      },
    },
  },
};

const FORM_ERRORS = {
  ...COMMON_ERRORS,
  '409': error('The idempotency key was used for something else'),
  '413': error('The file is too large'),
  '415': error('Not a multipart form'),
  '422': error('The file cannot be used; the code says why'),
};

const LIVE_ANSWER = {
  '200': {
    description:
      'Parts as they come: JPEGs with the headers `gantry-job` and `gantry-attempt`, and JSON that says how it stands. Each says how long it is.',
    content: { 'multipart/mixed': { schema: { type: 'string', format: 'binary' } } },
  },
  ...COMMON_ERRORS,
};

/** The OpenAPI document of the REST routes. */
export function buildOpenApi(serverUrl: string): object {
  const paths: Record<string, Record<string, object>> = {};
  const add = (path: string, method: string, operation: object) => {
    const key = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[key] = { ...paths[key], [method]: { security: [{ bearer: [] }], ...operation } };
  };
  for (const route of restRoutes) {
    add(route.path, route.method.toLowerCase(), {
      operationId: route.path
        .replace('/api/', '')
        .replaceAll(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase()),
      summary: route.summary,
      tags: [route.tag],
      parameters: parametersOf(route),
      ...(route.body && {
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: z.toJSONSchema(route.body, {
                io: 'input',
                target: 'openapi-3.0',
                // The input of a service: any JSON, which zod cannot tell of a check of our own.
                unrepresentable: 'any',
              }),
            },
          },
        },
      }),
      responses: {
        '200': answer('Done', route.response),
        ...COMMON_ERRORS,
        ...(route.method === 'POST' && { '409': error('Too late for that') }),
      },
    });
  }
  add('/api/queue/submit', 'post', {
    operationId: 'queueSubmit',
    summary: 'Submits a job, with its file',
    tags: ['Jobs'],
    requestBody: FORM,
    responses: {
      '201': answer('Submitted', submittedSchema),
      '200': answer('Submitted before, with the same idempotency key', submittedSchema),
      ...FORM_ERRORS,
    },
  });
  add('/api/uploads', 'post', {
    operationId: 'uploads',
    summary: 'Stores and checks a file for a later jobs.submit',
    tags: ['Jobs'],
    requestBody: FORM,
    responses: { '201': answer('Stored', uploadSchema), ...FORM_ERRORS },
  });
  add('/api/run-automation', 'post', {
    operationId: 'runAutomation',
    summary: 'Submits a job and waits for its end',
    deprecated: true,
    tags: ['Jobs'],
    requestBody: FORM,
    responses: { '200': answer('Finished', resultsSchema), ...FORM_ERRORS },
  });
  add('/api/artifacts/{artifactId}', 'get', {
    operationId: 'artifact',
    summary: 'A file that a job made',
    tags: ['Jobs'],
    parameters: [
      { name: 'artifactId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
    ],
    responses: {
      '200': {
        description: 'The file',
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
      ...COMMON_ERRORS,
    },
  });
  add('/api/queue/live/{jobId}', 'get', {
    operationId: 'queueLive',
    summary: 'The page of a running job, a picture for each change, until the job has finished',
    tags: ['Jobs'],
    parameters: [
      { name: 'jobId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'size', in: 'query', required: false, schema: { type: 'string', enum: ['full', 'small'] } },
    ],
    responses: LIVE_ANSWER,
  });
  add('/api/admin/live', 'get', {
    operationId: 'adminLive',
    summary: 'The pages of all running jobs, small; for admins',
    tags: ['Admin'],
    responses: LIVE_ANSWER,
  });
  return {
    openapi: '3.0.3',
    info: {
      title: 'Gantry',
      version: '0.1.0',
      description:
        'A queue for browser automations. Every request carries an access token of the sign-in: `Authorization: Bearer …`.',
      license: { name: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  };
}

function parametersOf(route: RestRoute): object[] {
  const describe = (schema: z.ZodObject | undefined, place: 'path' | 'query') =>
    Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
      name,
      in: place,
      required: place === 'path',
      schema: z.toJSONSchema(z.strictObject({ field }), { io: 'input', target: 'openapi-3.0' }).properties?.[
        'field'
      ],
    }));
  return [...describe(route.params, 'path'), ...describe(route.query, 'query')];
}
