import { type AppConfig, loadAppConfig } from './app-config.ts';
import { SessionStore } from './session-store.ts';

/** Loads the configuration and finds out who is signed in. @throws {Error} when the API cannot be reached */
export async function startSession(): Promise<{ config: AppConfig; session: SessionStore }> {
  const config = await loadAppConfig();
  const session = new SessionStore(config);
  await session.start();
  return { config, session };
}
