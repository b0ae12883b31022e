import { createContext, use } from 'react';

import type { AppConfig } from './app-config.ts';

/** The configuration that the app started with. */
export const AppConfigContext = createContext<AppConfig | null>(null);

/** Reads the configuration. */
export function useAppConfig(): AppConfig {
  const config = use(AppConfigContext);
  if (!config) throw new Error('AppConfigContext is missing');
  return config;
}
