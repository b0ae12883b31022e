import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { STATUS_REASONS } from '../src/index.ts';
import { isRefusalCode } from '../src/refusals.ts';
import { createFixture } from './fixture.ts';

const SCHEMAS = join(import.meta.dirname, '../../../supabase/schemas');

test('the functions of the queue raise codes that have a sentence, and nothing else', async () => {
  const files = await Promise.all(
    (await readdir(SCHEMAS)).map((name) => readFile(join(SCHEMAS, name), 'utf8')),
  );
  const raised = files.join('\n').matchAll(/raise exception ([^;]+);/g);
  const codes = [...raised].map(
    ([, what = '']) => /^using errcode = 'GQ\d+', message = '(\w+)'$/.exec(what)?.[1] ?? what,
  );
  expect(codes.length).toBeGreaterThan(10);
  // The first has a class of its own. The second is a mistake in a function, which no caller can cause.
  expect(
    codes.filter((code) => !isRefusalCode(code) && !['LEASE_LOST', 'TRANSITION_INVALID'].includes(code)),
  ).toEqual([]);
});

test('the database knows the same reasons of a status as the code', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query<{ definition: string }>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = 'public.automation_jobs'::regclass and conname = 'automation_jobs_status_reason_check'`,
  );
  const reasons = [...(rows[0]?.definition ?? '').matchAll(/'(\w+)'/g)].map(([, reason]) => reason);
  expect(reasons.toSorted()).toEqual([...STATUS_REASONS].toSorted());
});
