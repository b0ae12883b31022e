import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

test('a service gets the full Chrome that it asks for, which is looked for once', async () => {
  await using queue = await createQueue();
  await using stack = new AsyncDisposableStack();
  // Shorter than that of the queue: the full Chrome has a socket in it.
  const browserRootDir = await mkdtemp(join(tmpdir(), 'g-'));
  stack.defer(() => rm(browserRootDir, { recursive: true }));
  const { binary } = queue.deps([]);
  // A program that counts as the full Chrome, and writes down what it was asked.
  const chromePath = join(queue.directory, 'chrome');
  const asked = join(queue.directory, 'asked');
  const environment = Object.entries(binary?.env ?? {}).map(([name, value]) => `export ${name}='${value}'`);
  const program = [
    '#!/bin/sh',
    `echo "$1" >> ${asked}`,
    ...environment,
    `exec ${binary?.executablePath} "$@"`,
  ];
  await writeFile(chromePath, program.join('\n'), { mode: 0o755 });
  const programs: (string | undefined)[] = [];
  const automation = automationOf(
    async ({ page }) => {
      programs.push(page.browser().process()?.spawnfile);
      await page.setContent('<h1>Hello</h1>');
    },
    { browser: 'chrome' },
  );
  stack.use(await queue.startWorker([automation], { chromePath, browserRootDir }));
  const jobIds = [await queue.submit('a-service'), await queue.submit('a-service')];

  for (const jobId of jobIds) await queue.untilStatus(jobId, 'completed');

  expect(programs).toEqual([chromePath, chromePath]);
  await expect.poll(() => readdir(browserRootDir)).toEqual([]);
  const questions = (await readFile(asked, 'utf8')).split('\n').filter((line) => line === '--version');
  expect(questions).toHaveLength(1);
});
