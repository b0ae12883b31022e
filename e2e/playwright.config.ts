import { resolve } from 'node:path';

import { defineConfig } from '@playwright/test';

// Every product compiles the same modules: the first to do so keeps what it made.
process.env['NODE_COMPILE_CACHE'] ??= resolve(import.meta.dirname, '../node_modules/.cache/compiled');

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each has a product and a browser of its own, and waits most of the time.
  workers: 3,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 860 },
    // Spinners and live pictures are drawn by the processor. The journeys about them ask for them.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
  },
});
