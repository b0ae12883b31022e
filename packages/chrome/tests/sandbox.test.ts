import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { isSandboxed, sweepBrowsers } from '../src/index.ts';
import { createBrowserRoot, LAUNCH_AND_WAIT, launchElsewhere, processesOf } from './fixture.ts';

const NOBODY = 65_534;
const canBeNobody =
  process.getuid?.() === 0 && spawnSync('/bin/test', ['-r', LAUNCH_AND_WAIT], { uid: NOBODY }).status === 0;

/** How the kernel filters what the pages of a browser may ask of it: 2 is Chrome's sandbox. */
async function filtersOf(session: { directory: string; pid: number }): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await processesOf(session)) {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    if (!(await read('cmdline')).includes('--type=renderer')) continue;
    found.push(/^Seccomp:\s+(\d)/m.exec(await read('status'))?.[1] ?? '');
  }
  return found;
}

test('the sandbox is on, unless we are root: then Chrome would not run', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const commandLine = await readFile(`/proc/${session.pid}/cmdline`, 'utf8');
  expect(commandLine.includes('--no-sandbox')).toBe(!isSandboxed());
  expect(new Set(await filtersOf(session))).toEqual(new Set([isSandboxed() ? '2' : '0']));
});

test.runIf(canBeNobody)('a worker that is not root has the sandbox on', async () => {
  await using root = await createBrowserRoot();
  await chmod(root.rootDir, 0o777);
  using elsewhere = launchElsewhere(root.rootDir, 'browser', NOBODY);
  const session = await elsewhere.launched;

  expect(new Set(await filtersOf(session))).toEqual(new Set(['2']));

  elsewhere.process.kill('SIGKILL');
  await once(elsewhere.process, 'exit');
  await sweepBrowsers({ rootDir: root.rootDir });
});
