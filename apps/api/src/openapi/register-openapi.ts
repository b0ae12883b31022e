import type { FastifyInstance } from 'fastify';

import { buildOpenApi } from './build-openapi.ts';

/** Serves the OpenAPI document, without a token. */
export function registerOpenApi(app: FastifyInstance, o: { serverUrl: string | null }): void {
  const document = buildOpenApi(o);
  app.get('/api/openapi.json', () => document);
}
