import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const run = promisify(execFile);

test('a quick run submits beside a user who sends the worst files', { timeout: 600_000 }, async () => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'main.ts'), '--quick']);
  expect(stdout).toContain('| alone |');
  expect(stdout).toContain('| beside them |');
});
