import { type Config, readConfig } from '../src/config.ts';
import type { Fault } from './faults/fault-points.ts';

/** What a worker's process is told. */
export type ProcessSettings = {
  databaseUrl: string;
  /** Of browsers and stored files. */
  directory: string;
  gateUrl: string;
  fault?: Fault | undefined;
  /** Of all its automations. */
  queue?: string | undefined;
  config: Partial<Config>;
};

/** Settings as they are by default, but quicker in everything that tests wait for, and without warm browsers. */
export function quickConfig(o: Partial<Config> = {}): Config {
  const usual = readConfig({});
  return {
    ...usual,
    browser: { ...usual.browser, warmBrowsers: 0 },
    pollIntervalMs: 500,
    heartbeatIntervalMs: 300,
    leaseMs: 30_000,
    backoffMs: 50,
    drainTimeoutMs: 20_000,
    ...o,
  };
}
