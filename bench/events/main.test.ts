import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const run = promisify(execFile);

test('a quick run sees every event arrive at every stream', { timeout: 600_000 }, async () => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'main.ts'), '--quick']);
  expect(stdout).toContain('| 40 streams on one job | 2 | 160 |');
  expect(stdout).toContain('| 40 streams on 40 jobs | 100 | 200 |');
});
