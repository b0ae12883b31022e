import { isAbsolute } from 'node:path';

import { expect, test } from 'vitest';

import { readConfig } from './config.ts';

test('without settings it is the embedded mode with the periods of the design', () => {
  expect(readConfig({})).toMatchObject({
    supabase: null,
    concurrency: 1,
    queues: undefined,
    pollIntervalMs: 5_000,
    heartbeatIntervalMs: 10_000,
    leaseMs: 30_000,
    drainTimeoutMs: 25_000,
    jobTimeoutMs: undefined,
    ctgPort: { baseUrl: 'https://cpatos.gov.bd/pcs/', pauseMs: 1_000 },
  });
});

test('there is a warm browser for each slot, unless it is said otherwise', () => {
  expect(readConfig({}).browser.warmBrowsers).toBe(1);
  expect(readConfig({ WORKER_CONCURRENCY: '4' }).browser.warmBrowsers).toBe(4);
  expect(readConfig({ WORKER_CONCURRENCY: '4', WARM_BROWSERS: '0' }).browser.warmBrowsers).toBe(0);
});

test('a directory for browsers is the same wherever the process was started', () => {
  expect(readConfig({ BROWSER_ROOT_DIR: '/b' }).browserRootDir).toBe('/b');
  expect(isAbsolute(readConfig({ BROWSER_ROOT_DIR: 'b' }).browserRootDir)).toBe(true);
});

test('names of queues stand with commas between them', () => {
  expect(readConfig({ WORKER_QUEUES: 'default, slow-sites' }).queues).toEqual(['default', 'slow-sites']);
});

test.for([
  [{ WORKER_CONCURRENCY: '0' }, /^WORKER_CONCURRENCY: /],
  [{ WORKER_QUEUES: 'default;other' }, /^WORKER_QUEUES: /],
  [{ HEARTBEAT_INTERVAL_MS: 'often' }, /^HEARTBEAT_INTERVAL_MS: /],
  [{ CTG_PORT_BASE_URL: 'file:///etc/passwd' }, /^CTG_PORT_BASE_URL: /],
  [{ DATABASE_URL: 'postgres://localhost/x' }, /^SUPABASE_URL: /],
  [{ LEASE_MS: '1000', HEARTBEAT_INTERVAL_MS: '900' }, /^LEASE_MS: /],
  [{ WARM_BROWSERS: '-1' }, /^WARM_BROWSERS: /],
  [{ BROWSER_WS_ENDPOINT: 'http://chrome.example/' }, /^BROWSER_WS_ENDPOINT: /],
  [{ BROWSER_MAX_DISK_BYTES: '1' }, /^BROWSER_MAX_DISK_BYTES: /],
  [{ BROWSER_MAX_MEMORY_BYTES: '1' }, /^BROWSER_MAX_MEMORY_BYTES: /],
  [{ ALLOW_PRIVATE_ORIGINS: 'http://10.0.0.5:8080, 10.0.0.6:8080' }, /^ALLOW_PRIVATE_ORIGINS: /],
  [{ ALLOW_PRIVATE_ORIGINS: 'intranet' }, /^ALLOW_PRIVATE_ORIGINS: /],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: /],
] as const)('a wrong value is refused in one line that names it: %j', ([env, line]) => {
  expect(() => readConfig(env)).toThrow(line);
  expect(() => readConfig(env)).not.toThrow(/\n/);
});
