import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import type { Figures } from '../report/statistics.ts';
import { endProcessesOf, findProcessesOf } from './browser-processes.ts';
import type { Lab } from './lab.ts';

const GRACE_MS = 1_000;

/** Kills a worker in the midst of a job with SIGKILL, and counts the processes of its browsers before and 1 s after. */
export async function measureOrphans(lab: Lab, contender: string): Promise<Figures> {
  const { executablePath } = lab.binary;
  const worker = await lab.start('hold.ts', { contender, measure: 'orphans', size: 'full' });
  const before = (await findProcessesOf(executablePath)).length;
  if (before === 0) throw new Error('There was no browser to be orphaned.');
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  await pause(GRACE_MS);
  const left = (await findProcessesOf(executablePath)).length;
  await endProcessesOf(executablePath);
  return { before, left };
}
