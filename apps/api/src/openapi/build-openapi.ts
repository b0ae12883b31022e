import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { refusals } from '../rest/refusals.ts';
import type { RestRoute } from '../rest/rest-route.ts';
import { restRoutes } from '../rest/rest-routes.ts';
import { fileOperations } from './file-operations.ts';
import { formOperations } from './form-operations.ts';
import type { PlacedOperation } from './placed-operation.ts';

const DESCRIPTION = `A queue for browser automations over spreadsheets.

Every request carries an access token: \`Authorization: Bearer …\`. Sign in for one at
\`POST /auth/v1/token?grant_type=password\` with \`{"email": "…", "password": "…"}\`; with Supabase, at the same path of the
project. A refusal is \`{"error": {"code", "message", "requestId"}}\`: programs look at the code, people read the message.
A wrong method gets 405 with \`Allow\`, an unknown query parameter 400.`;

const TAGS = [
  { name: 'Jobs', description: 'Submit jobs, follow them, read what they found' },
  { name: 'Services', description: 'What can be submitted' },
  { name: 'Schedules', description: 'Jobs that are submitted again and again' },
  { name: 'Queue', description: 'Figures of the whole queue' },
  { name: 'Admin', description: 'For admins: all jobs, workers, queues' },
];

/**
 * Builds the OpenAPI document of the REST routes.
 *
 * @param o.serverUrl where people reach the API; null for wherever the document comes from
 */
export function buildOpenApi(o: { serverUrl: string | null }): object {
  const paths: ZodOpenApiPathsObject = {};
  const operations = [...restRoutes.map(describeRoute), ...formOperations, ...fileOperations];
  for (const { path, method, ...operation } of operations) {
    const key = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[key] = { ...paths[key], [method]: operation };
  }
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Gantry',
        version: '0.1.0',
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: o.serverUrl ?? '/' }],
      security: [{ bearer: [] }],
      tags: TAGS,
      paths,
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    {
      // Any JSON, which a check of our own accepts.
      allowEmptySchema: { custom: true },
      override({ jsonSchema }) {
        // What a format says need not be said by a pattern, nor that an integer is one that JavaScript can hold.
        if (jsonSchema.format) delete jsonSchema.pattern;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      },
    },
  );
}

function describeRoute(route: RestRoute): PlacedOperation {
  const { path, operationId, summary, tag, params, query, body, response, created } = route;
  const answer = (description: string) => ({
    description,
    content: { 'application/json': { schema: response } },
  });
  return {
    path,
    method: route.method === 'GET' ? 'get' : 'post',
    operationId,
    summary,
    tags: [tag],
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: {
      ...(created ? { '201': answer('Created') } : { '200': answer('Done') }),
      ...refusals({
        hasBody: route.method === 'POST',
        isForAdmins: tag === 'Admin',
        namesSomething: params !== undefined,
        ...(route.refuses && { also: route.refuses }),
      }),
    },
  };
}
