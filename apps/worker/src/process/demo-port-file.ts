import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isAlive } from '@gantry/embedded';
import { z } from 'zod';

const schema = z.object({
  /** The process that serves the demo port. */
  pid: z.number().int().positive(),
  env: z.object({ CTG_PORT_BASE_URL: z.string(), CTG_PORT_PAUSE_MS: z.string() }),
});

/** The settings that lead a worker to a demo port. */
export type DemoPortEnv = z.infer<typeof schema>['env'];

/** Leaves in the data directory what other workers need to ask this process's demo port, until disposed of. */
export async function publishDemoPort(dataDir: string, env: DemoPortEnv): Promise<AsyncDisposable> {
  const path = pathIn(dataDir);
  await writeFile(path, JSON.stringify({ pid: process.pid, env }));
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** What a running `start` has left in the data directory; null if none runs or it brought no demo port. */
export async function findDemoPort(dataDir: string): Promise<DemoPortEnv | null> {
  const text = await readFile(pathIn(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { pid, env } = schema.parse(JSON.parse(text));
    // One that was killed left its file.
    return isAlive(pid) ? env : null;
  } catch {
    return null;
  }
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'demo-port.json');
}
