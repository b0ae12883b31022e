import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, 'main.ts');

// Some twenty processes with browsers, one after the other.
test('a quick run measures every contender and evaluates every goal', { timeout: 600_000 }, async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--quick']);
  for (const name of ['Gantry', 'puppeteer-cluster', 'crawlee', 'puppeteer 2'])
    expect(stdout).toContain(name);
  expect(stdout).not.toMatch(/NaN|undefined/);
  expect(stdout.match(/\| (met|missed) \|/g)).toHaveLength(9);
});
