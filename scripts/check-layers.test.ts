import { expect, test } from 'vitest';

import { checkFile, checkManifest } from './check-layers.ts';

test('an import that the layers allow is fine', () => {
  expect(
    checkFile(
      'apps/worker/src/a.ts',
      `import { x } from '@gantry/core';\nimport type { Y } from '@gantry/chrome';`,
    ),
  ).toEqual([]);
  expect(checkFile('packages/client/src/a.ts', `import type { AppRouter } from '@gantry/api';`)).toEqual([]);
});

test('one that they do not is named', () => {
  expect(checkFile('apps/api/src/a.ts', `import { x } from '@gantry/chrome';`)).toEqual([
    'apps/api/src/a.ts imports @gantry/chrome',
  ]);
  expect(checkFile('apps/web/src/a.tsx', `import {\n  x,\n} from '@gantry/core';`)).toEqual([
    'apps/web/src/a.tsx imports @gantry/core',
  ]);
  expect(checkFile('packages/client/src/a.ts', `import { appRouter } from '@gantry/api';`)).toEqual([
    'packages/client/src/a.ts imports @gantry/api',
  ]);
});

test.for([`await import('@gantry/core');`, `import '@gantry/core';`, `export { x } from '@gantry/core';`])(
  'no form of import gets past: %s',
  (source) => {
    expect(checkFile('packages/chrome/src/a.ts', source)).toEqual([
      'packages/chrome/src/a.ts imports @gantry/core',
    ]);
  },
);

test('nor does a path into another package, nor a dependency', () => {
  expect(checkFile('packages/chrome/src/a.ts', `import { x } from '../../core/src/job.ts';`)).toEqual([
    'packages/chrome/src/a.ts reaches into packages/core/src/job.ts',
  ]);
  expect(checkFile('packages/core/src/queries/a.ts', `import { x } from '../job.ts';`)).toEqual([]);
  expect(
    checkManifest('apps/web/package.json', {
      dependencies: { '@gantry/core': '', '@gantry/react': '', zod: '' },
    }),
  ).toEqual(['apps/web/package.json depends on @gantry/core']);
});

test('tests may start what they test against', () => {
  expect(
    checkFile(
      'packages/core/tests/a.test.ts',
      `import { createTestDatabase } from '@gantry/embedded/testing';`,
    ),
  ).toEqual([]);
});

test('the environment is read in one place of each app, and SQL stands where SQL stands', () => {
  expect(checkFile('apps/api/src/routes/a.ts', `const a = process.env['A'];`)).toEqual([
    'apps/api/src/routes/a.ts reads process.env',
  ]);
  expect(checkFile('apps/api/src/config.ts', `process.env`)).toEqual([]);
  expect(checkFile('apps/api/src/routes/a.ts', 'await pool.query(`select id from jobs`)')).toEqual([
    'apps/api/src/routes/a.ts holds SQL',
  ]);
  expect(checkFile('packages/core/src/queries/a.ts', 'await pool.query(`select id from jobs`)')).toEqual([]);
});
