import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { describeMachine } from '../../report/machine.ts';
import { openLab, type Site } from '../lab.ts';
import { FAULTS } from './faults.ts';
import { openSoakQueue, type SoakQueue } from './open-soak-queue.ts';
import type { SoakOrder } from './order.ts';
import { outcomesTable, stockTable, tally } from './tables.ts';
import { askMemory, findLeft, NOTHING, takeFirstStock, takeStock, takeStockAtRest } from './take-stock.ts';

const CONCURRENCY = 4;
const WARM_BROWSERS = 4;
const LOOK_EVERY_MS = 1_000;
// By itself V8 lets its young generation grow for thousands of jobs, which would hide what else grows.
const NODE_OPTIONS = ['--max-semi-space-size=16'];

/**
 * Runs a worker of the product, on a queue of the product, through many jobs, some of which break their browsers.
 *
 * @param o.faultEvery one in so many jobs breaks its browser
 * @param o.warmUp so many whole jobs, and one of each fault, go before
 * @returns a report, and all that was left or that ended otherwise than it should: empty when all is well
 */
export async function soak({
  jobs,
  faultEvery,
  warmUp,
}: {
  jobs: number;
  faultEvery: number;
  warmUp: number;
}): Promise<{ report: string; faults: string[] }> {
  await using lab = await openLab();
  await using queue = await openSoakQueue(join(lab.directory, 'data'));
  const order: Omit<SoakOrder, keyof Site> = {
    databaseUrl: queue.databaseUrl,
    storageDir: join(lab.directory, 'storage'),
    concurrency: CONCURRENCY,
    warmBrowsers: WARM_BROWSERS,
  };
  const worker = await lab.start('soak/worker.ts', order, NODE_OPTIONS);
  await queue.open();

  // Once through everything, so that what is loaded and opened the first time is there before.
  const kinds = Object.keys(FAULTS);
  await queue.submit([...Array.from({ length: warmUp }, () => null), ...kinds]);
  await untilAllEnded(queue, worker);
  const before = await takeFirstStock(lab, worker, WARM_BROWSERS);

  const begin = performance.now();
  const plan = Array.from({ length: jobs }, (_, n) =>
    n % faultEvery === faultEvery - 1 ? (kinds[Math.floor(n / faultEvery) % kinds.length] ?? null) : null,
  );
  const half = Math.ceil(jobs / 2);
  const ids = await queue.submit(plan.slice(0, half));
  await untilAllEnded(queue, worker);
  const halfWay = await takeStockAtRest(lab, worker, before);
  ids.push(...(await queue.submit(plan.slice(half))));
  await untilAllEnded(queue, worker);
  const minutes = (performance.now() - begin) / 60_000;
  const after = await takeStockAtRest(lab, worker, before);
  const endings = await queue.readEndings();

  worker.kill('SIGTERM');
  await once(worker, 'exit');
  const end = await takeStock(lab, null);

  const outcomes = tally(plan.map((fault, n) => ({ fault, ending: endings.get(ids[n] ?? '') ?? 'lost' })));
  const faults = [
    ...outcomes.filter(({ isRight }) => !isRight).map((it) => `${it.count} × ${it.job}: ${it.ending}`),
    ...findLeft(before, after),
    ...findLeft(NOTHING, end).map((what) => `${what} after the end of the worker`),
  ];
  const report = [
    '# A worker, soaked\n',
    `${describeMachine(lab.binary.version)}. ${jobs} jobs, ${CONCURRENCY} at a time, in ${minutes.toFixed(1)} minutes.\n`,
    outcomesTable(outcomes),
    stockTable([before, halfWay, after, end]),
    faults.length === 0 ? 'Nothing was left.\n' : `LEFT OR WRONG: ${faults.join('; ')}\n`,
  ].join('\n');
  return { report, faults };
}

/** @throws {Error} if the worker ends before its jobs */
async function untilAllEnded(queue: SoakQueue, worker: ChildProcess): Promise<void> {
  for (let last = -1; ; ) {
    if (worker.exitCode !== null || worker.signalCode !== null)
      throw new Error('The worker ended before its jobs.');
    const unfinished = await queue.countUnfinished();
    if (unfinished === 0) return;
    if (last < 0 || last - unfinished >= 100) {
      const { heap, resident } = await askMemory(worker);
      const megabytes = (bytes: number) => Math.round(bytes / 1e6);
      process.stderr.write(
        `${unfinished} jobs to go; worker: ${megabytes(heap)} MB heap, ${megabytes(resident)} MB resident\n`,
      );
      last = unfinished;
    }
    await pause(LOOK_EVERY_MS);
  }
}
