// Gantry's browsers beside others: `pnpm --filter @gantry/bench chrome`. Measures single, long, short, orphans and live, or
// those that are named; --only gantry,bare leaves others out, --rounds 5, --quick to see that it runs. Writes
// bench/results/chrome.md when it measured everything. `chrome soak` runs a worker through 2,000 jobs (--jobs), one in ten
// of which breaks its browser, says what is left, and fails if anything is. Writes bench/results/chrome-soak.md; --quick, to see
// that it runs, takes 8 jobs, every other of which breaks its browser.
import { parseArgs } from 'node:util';

import { writeResults } from '../report/write-results.ts';
import { ALL_MEASURES, compare } from './compare.ts';
import { CONTENDERS } from './contenders/index.ts';
import { soak } from './soak/soak.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    jobs: { type: 'string' },
  },
});

if (positionals[0] === 'soak') {
  const { report, faults } = await soak(
    flags.quick
      ? { jobs: 8, faultEvery: 2, warmUp: 4 }
      : { jobs: Number(flags.jobs ?? 2_000), faultEvery: 10, warmUp: 20 },
  );
  process.stdout.write(report);
  if (flags.jobs === undefined && !flags.quick) await writeResults('chrome-soak', report);
  process.exitCode = faults.length > 0 ? 1 : 0;
} else {
  const isAsked = (measure: string) =>
    positionals.length === 0 || positionals.some((name) => measure.startsWith(name));
  const report = await compare({
    ids: flags.only?.split(',') ?? Object.keys(CONTENDERS),
    measures: ALL_MEASURES.filter(isAsked),
    rounds: Number(flags.rounds ?? (flags.quick ? 1 : 3)),
    size: flags.quick ? 'quick' : 'full',
  });
  process.stdout.write(`\n${report}`);
  const isWhole = positionals.length === 0 && flags.only === undefined && !flags.quick;
  if (isWhole) await writeResults('chrome', report);
}
