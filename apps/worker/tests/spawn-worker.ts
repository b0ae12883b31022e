import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { Config } from '../src/config.ts';
import type { Fault } from './faults/fault-points.ts';
import type { Queue } from './fixture.ts';
import type { ProcessSettings } from './process-settings.ts';

/** Starts a worker in a process of its own; it is killed at the end of the scope. */
export async function spawnWorker(
  queue: Queue,
  gateUrl: string,
  { queue: queueName, fault, ...config }: Partial<Config> & { queue?: string; fault?: Fault } = {},
) {
  const settings: ProcessSettings = {
    databaseUrl: queue.database.databaseUrl,
    directory: queue.directory,
    gateUrl,
    queue: queueName,
    fault,
    config,
  };
  const child = fork(join(import.meta.dirname, 'worker-process.ts'), [JSON.stringify(settings)], {
    execArgv: [],
  });
  const exited = once(child, 'exit').then(([code, signal]: unknown[]) => ({ code, signal }));
  const [message]: unknown[] = await Promise.race([once(child, 'message'), exited.then(() => [])]);
  if (message === undefined) throw new Error('The worker ended before it was ready.');
  return {
    pid: child.pid ?? 0,
    exited,
    send: (signal: NodeJS.Signals) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
