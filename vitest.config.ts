import { resolve } from 'node:path';

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// The processes of a run compile the same modules again and again: the first to do so keeps what it made.
process.env['NODE_COMPILE_CACHE'] ??= resolve(import.meta.dirname, 'node_modules/.cache/compiled');

/** Begun first, the longest before the others, so that none is left alone at the end. */
const LONGEST = [
  'scripts/packed.test.ts',
  'scripts/start.test.ts',
  'apps/worker/tests/attempt/hostile-pages.test.ts',
  'packages/automations/tests/endless-pages.test.ts',
  'bench/chrome/main.test.ts',
  'bench/chrome/soak/soak.test.ts',
  'bench/queue/main.test.ts',
  'packages/core/tests/concurrency/interleavings.test.ts',
  'apps/worker/tests/claims/share-queue.test.ts',
  'apps/worker/tests/faults/outage.test.ts',
  'packages/embedded/tests/run-as-root.test.ts',
  'packages/automations/tests/whole-pages.test.ts',
  'packages/automations/tests/port-behaviours.test.ts',
  'scripts/closed-directory.test.ts',
  'packages/automations/tests/ctg-port-tracking.test.ts',
  'packages/core/tests/concurrency/model.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Whatever a test waits for may take long on a busy machine; the default of one second asserts speed. */
const TIMEOUTS = {
  setupFiles: ['vitest.setup.ts'],
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          // `pnpm test:quick`: without Postgres, Chrome and processes, so that files share threads and modules.
          name: 'quick',
          root: import.meta.dirname,
          include: ['{packages,apps}/*/src/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          ...TIMEOUTS,
        },
      },
      {
        test: {
          name: 'whole',
          root: import.meta.dirname,
          include: ['{packages,apps}/*/tests/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          globalSetup: ['packages/embedded/src/testing/global-setup.ts'],
          ...TIMEOUTS,
        },
      },
    ],
    // Many tests wait, for a browser or a lease: three files at a time keep two cores busy.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
