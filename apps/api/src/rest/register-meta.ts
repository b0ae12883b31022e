import type { FastifyInstance } from 'fastify';

import type { ApiDeps } from '../context.ts';
import { createReadiness } from '../readiness/create-readiness.ts';
import { buildOpenApi } from './openapi.ts';

/** Serves what needs no token: health, what the web app must know to sign people in, and the documentation. */
export async function registerMeta(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const { config } = deps;
  const readiness = createReadiness(deps);

  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const { isReady, checks } = await readiness();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });

  app.get('/api/config', () => ({
    // Empty: the embedded sign-in is served from where the web app is.
    supabaseUrl: config.supabase?.url ?? '',
    supabasePublishableKey: config.supabase?.publishableKey ?? 'gantry-embedded',
    demoAccounts: deps.hasDemoAccounts,
    maxUploadBytes: config.maxUploadBytes,
  }));

  app.get('/api/openapi.json', (request) =>
    // Not `request.host`: that is what a proxy claims to have been asked for.
    buildOpenApi(config.publicUrl ?? `${request.protocol}://${request.headers.host}`),
  );

  const { default: reference } = await import('@scalar/fastify-api-reference');
  await app.register(reference, {
    routePrefix: '/api/docs',
    configuration: { url: '/api/openapi.json', withDefaultFonts: false, telemetry: false },
  });
}
