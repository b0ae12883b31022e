import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { findProcessesOf } from '../browser-processes.ts';
import type { Lab } from '../lab.ts';
import type { WorkerMemory } from './order.ts';

/** What there is of a worker and its browsers. */
export type Stock = {
  /** Of browsers. */
  processes: number;
  /** Below the root of browsers. */
  directories: number;
  /** Of the worker. */
  descriptors: number;
  memory: WorkerMemory | null;
};

/** What must be there when the worker has ended. */
export const NOTHING: Stock = { processes: 0, directories: 0, descriptors: 0, memory: null };

/** Connections to the database are closed after 30 s without work, and warm browsers are launched anew now and then. */
const TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
/** So much the heap may grow: code that was compiled, and caches with an end. A leak is one of each job. */
const MAX_HEAP_GROWTH = 12_000_000;

/** Counts what there is; of a worker that has ended, without its own. */
export async function takeStock(lab: Lab, worker: ChildProcess | null): Promise<Stock> {
  const [processes, directories, descriptors] = await Promise.all([
    findProcessesOf(lab.binary.executablePath),
    readdir(lab.rootDir),
    worker ? readdir(`/proc/${worker.pid}/fd`) : [],
  ]);
  return {
    processes: processes.length,
    directories: directories.length,
    descriptors: descriptors.length,
    memory: worker && (await askMemory(worker)),
  };
}

/** Counts when all warm browsers are there and the rest has come to rest. */
export async function takeFirstStock(lab: Lab, worker: ChildProcess, warmBrowsers: number): Promise<Stock> {
  let last: Stock | null = null;
  for (;;) {
    await pause(LOOK_EVERY_MS);
    const stock = await takeStock(lab, worker);
    const isAtRest = last && findLeft(last, stock).length === 0 && findLeft(stock, last).length === 0;
    if (isAtRest && stock.directories === warmBrowsers) return stock;
    last = stock;
  }
}

/** Counts until nothing is left beside what there was, or patience ends. */
export async function takeStockAtRest(lab: Lab, worker: ChildProcess, before: Stock): Promise<Stock> {
  const giveUpAt = performance.now() + TIMEOUT_MS;
  for (;;) {
    const stock = await takeStock(lab, worker);
    if (findLeft(before, stock).length === 0 || performance.now() > giveUpAt) return stock;
    await pause(LOOK_EVERY_MS);
  }
}

/** Tells what there is more of than there was. */
export function findLeft(before: Stock, after: Stock): string[] {
  const left: string[] = [];
  for (const what of ['processes', 'directories', 'descriptors'] as const) {
    if (after[what] > before[what]) left.push(`${after[what] - before[what]} ${what}`);
  }
  const grown = (after.memory?.heap ?? 0) - (before.memory?.heap ?? 0);
  if (after.memory && grown > MAX_HEAP_GROWTH) left.push(`${Math.round(grown / 1e6)} MB of heap`);
  return left;
}

/** Asks a worker what it uses. */
export async function askMemory(worker: ChildProcess): Promise<WorkerMemory> {
  worker.send('memory?');
  const [memory]: WorkerMemory[] = await once(worker, 'message');
  if (!memory) throw new Error('The worker did not answer.');
  return memory;
}
