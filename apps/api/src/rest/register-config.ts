import { requireKey } from '@gantry/backend';
import type { FastifyInstance } from 'fastify';

import type { ApiDeps } from '../procedures/context.ts';

/** Serves what the web app must know to sign people in, without a token. */
export function registerConfig(app: FastifyInstance, { config, hasDemoAccounts }: ApiDeps): void {
  // Checked here too: wherever the settings came from, a document that everyone may read holds no secret key.
  if (config.supabase) requireKey('SUPABASE_PUBLISHABLE_KEY', config.supabase.publishableKey, 'publishable');
  app.get('/api/config', () => ({
    // Empty: the embedded sign-in is served from where the web app is.
    supabaseUrl: config.supabase?.url ?? '',
    supabasePublishableKey: config.supabase?.publishableKey ?? 'gantry-embedded',
    demoAccounts: hasDemoAccounts,
    maxUploadBytes: config.maxUploadBytes,
  }));
}
