import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../main.ts');

test('a soaked worker leaves nothing, whatever its jobs do to their browsers', {
  timeout: 600_000,
}, async () => {
  const { stdout } = await run(process.execPath, [MAIN, 'soak', '--quick']);
  for (const [job, ending, count] of [
    ['as it should be', 'completed', 4],
    ['page crashes', 'PAGE_CRASHED', 1],
    ['page hangs', 'JOB_TIMEOUT', 1],
    ['browser killed', 'BROWSER_CRASHED', 1],
    ['browser frozen', 'JOB_TIMEOUT', 1],
  ]) {
    expect(stdout).toContain(`| ${job} | ${ending} | ${count} |`);
  }
  expect(stdout).toContain('Nothing was left.');
});
