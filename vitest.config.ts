import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'gantry',
          root: import.meta.dirname,
          include: [
            '{packages,apps}/*/{src,tests}/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          globalSetup: ['packages/embedded/src/testing/global-setup.ts'],
          setupFiles: ['vitest.setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Whatever a test waits for may take long on a busy machine; the default of one second asserts speed.
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
    // Test files bring browsers and workers of their own; two at a time is what a small machine carries.
    maxWorkers: 2,
  },
});
