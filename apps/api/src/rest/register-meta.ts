import { requireKey } from '@gantry/backend';
import type { FastifyInstance } from 'fastify';

import type { ApiDeps } from '../context.ts';
import { buildOpenApi } from '../openapi/build-openapi.ts';
import { createReadiness } from '../readiness/create-readiness.ts';

/** Serves what needs no token: health, what the web app must know to sign people in, and the OpenAPI document. */
export function registerMeta(app: FastifyInstance, deps: ApiDeps): void {
  const { config } = deps;
  const readiness = createReadiness(deps);

  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const { isReady, checks } = await readiness();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });

  // Checked here too: whatever the settings came from, what everyone may read holds no secret key.
  if (config.supabase) requireKey('SUPABASE_PUBLISHABLE_KEY', config.supabase.publishableKey, 'publishable');
  app.get('/api/config', () => ({
    // Empty: the embedded sign-in is served from where the web app is.
    supabaseUrl: config.supabase?.url ?? '',
    supabasePublishableKey: config.supabase?.publishableKey ?? 'gantry-embedded',
    demoAccounts: deps.hasDemoAccounts,
    maxUploadBytes: config.maxUploadBytes,
  }));

  const openApi = buildOpenApi({ serverUrl: config.publicUrl });
  app.get('/api/openapi.json', () => openApi);
}
