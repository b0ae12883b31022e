import { expect, test } from 'vitest';

import { checkSource } from './check-sources.ts';

test('the environment is read in one place of each app', () => {
  expect(checkSource('apps/api/src/jobs/a.ts', `const a = process.env['A'];`)).toEqual([
    'apps/api/src/jobs/a.ts reads process.env',
  ]);
  expect(checkSource('apps/api/src/config/config.ts', `process.env`)).toEqual([]);
});

test('SQL is written in the core and in the embedded mode', () => {
  expect(checkSource('apps/api/src/jobs/a.ts', 'await pool.query(`select id from jobs`)')).toEqual([
    'apps/api/src/jobs/a.ts holds SQL',
  ]);
  expect(checkSource('packages/core/src/jobs/a.ts', 'await pool.query(`select id from jobs`)')).toEqual([]);
});
