import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { CONTENDERS } from './contenders/index.ts';

const run = promisify(execFile);

// Some twenty processes, one after the other.
test('a quick run measures every contender and evaluates every goal', { timeout: 600_000 }, async () => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'main.ts'), '--quick']);
  for (const { name } of Object.values(CONTENDERS)) expect(stdout).toContain(name);
  expect(stdout).not.toMatch(/NaN|undefined/);
  expect(stdout).toMatch(/drain, WAL bytes( \| [\d.,]+){7}/);
  expect(stdout.match(/\| (met|missed) \|/g)).toHaveLength(10);
});
