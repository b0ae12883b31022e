import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { BASELINE, makeBaseline } from './baseline.ts';

test('the baseline is what "pnpm baseline" makes of the schema files', () => {
  expect(readFileSync(BASELINE, 'utf8')).toBe(makeBaseline());
});
