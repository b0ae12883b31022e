import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { toMarkdown } from '../../report/markdown.ts';
import { openLab, type Site } from '../lab.ts';
import { FAULTS } from './faults.ts';
import { openSoakQueue, type SoakQueue } from './open-soak-queue.ts';
import type { SoakOrder } from './order.ts';
import { findLeft, type Stock, takeFirstStock, takeStock, takeStockAtRest } from './take-stock.ts';

const CONCURRENCY = 4;
const SPARES = 4;
const FAULT_EVERY = 10;
const WARM_UP = 20;
const LOOK_EVERY_MS = 1_000;

/**
 * Runs a worker of the product, on a queue of the product, through many jobs, one in ten of which breaks its browser.
 *
 * @returns a report, and all that was left or that ended otherwise than it should: empty when all is well
 */
export async function soak(jobs: number): Promise<{ report: string; faults: string[] }> {
  await using lab = await openLab();
  await using queue = await openSoakQueue(join(lab.directory, 'data'));
  const worker = await lab.start('soak/worker.ts', {
    databaseUrl: queue.databaseUrl,
    storageDir: join(lab.directory, 'storage'),
    concurrency: CONCURRENCY,
    spares: SPARES,
  } satisfies Omit<SoakOrder, keyof Site>);
  await queue.open();

  // Once through everything, so that what is loaded and opened the first time is there before.
  const kinds = Object.keys(FAULTS);
  await queue.submit([...Array.from({ length: WARM_UP }, () => null), ...kinds]);
  await untilAllEnded(queue);
  const before = await takeFirstStock(lab, worker, SPARES);

  const begin = performance.now();
  const plan = Array.from({ length: jobs }, (_, n) =>
    n % FAULT_EVERY === FAULT_EVERY - 1 ? (kinds[Math.floor(n / FAULT_EVERY) % kinds.length] ?? null) : null,
  );
  const ids = await queue.submit(plan);
  await untilAllEnded(queue);
  const minutes = (performance.now() - begin) / 60_000;
  const after = await takeStockAtRest(lab, worker, before);
  const endings = await queue.readEndings();

  worker.kill('SIGTERM');
  await once(worker, 'exit');
  const end = await takeStock(lab, null);

  const outcomes = tally(plan.map((fault, n) => ({ fault, ending: endings.get(ids[n] ?? '') ?? 'lost' })));
  const faults = [
    ...outcomes.filter(({ isRight }) => !isRight).map((it) => `${it.count} × ${it.fault}: ${it.ending}`),
    ...findLeft(before, after),
    ...findLeft({ processes: 0, directories: 0, descriptors: 0, memory: null }, end).map(
      (what) => `${what} after the end of the worker`,
    ),
  ];
  const report = [
    `${jobs} jobs, ${CONCURRENCY} at a time, in ${minutes.toFixed(1)} minutes, with ${lab.binary.version}.\n`,
    toMarkdown(
      'Jobs',
      ['Job', 'Ended as', 'Jobs'],
      outcomes.map(({ fault, ending, count }) => [fault, ending, String(count)]),
    ),
    stockTable(before, after, end),
    faults.length === 0 ? 'Nothing was left.\n' : `LEFT OR WRONG: ${faults.join('; ')}\n`,
  ].join('\n');
  return { report, faults };
}

async function untilAllEnded(queue: SoakQueue): Promise<void> {
  for (let last = -1; ; ) {
    const unfinished = await queue.countUnfinished();
    if (unfinished === 0) return;
    if (last < 0 || last - unfinished >= 100) {
      process.stderr.write(`${unfinished} jobs to go\n`);
      last = unfinished;
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Counts jobs by what they did and how they ended. */
function tally(jobs: { fault: string | null; ending: string }[]) {
  const groups = Map.groupBy(jobs, ({ fault, ending }) => `${fault ?? 'as it should be'}: ${ending}`);
  return [...groups.values()].map((group) => {
    const { fault = null, ending = '' } = group[0] ?? {};
    const expected = fault === null ? 'completed' : FAULTS[fault]?.errorCode;
    return {
      fault: fault ?? 'as it should be',
      ending,
      count: group.length,
      isRight: ending === expected,
    };
  });
}

function stockTable(before: Stock, after: Stock, end: Stock): string {
  const row = (what: string, read: (stock: Stock) => number | undefined) => [
    what,
    ...[before, after, end].map((stock) => String(read(stock) ?? '')),
  ];
  const megabytes = (bytes: number | undefined) => bytes && Math.round(bytes / 1e6);
  return toMarkdown(
    'What is there',
    ['', 'before', 'after', 'worker ended'],
    [
      row('processes of browsers', ({ processes }) => processes),
      row('directories of browsers', ({ directories }) => directories),
      row('file descriptors of the worker', ({ memory, descriptors }) => (memory ? descriptors : undefined)),
      row('heap of the worker, MB', ({ memory }) => megabytes(memory?.heap)),
      row('resident memory of the worker, MB', ({ memory }) => megabytes(memory?.resident)),
    ],
  );
}
