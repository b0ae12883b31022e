// Gantry beside other queues on Postgres: `pnpm --filter @gantry/bench queue`. Measures submit, bulk, drain, pick-up,
// estimate and costs, or those that are named; --only gantry,bare leaves others out, --rounds 5, --filled with a million jobs beside,
// --quick to see that it runs. Writes bench/results/queue.md when it measured everything.
import { parseArgs } from 'node:util';

import pg from 'pg';

import { goalsTable } from '../report/goals.ts';
import { describeMachine, describePostgres } from '../report/machine.ts';
import { Rounds } from '../report/rounds.ts';
import { writeResults } from '../report/write-results.ts';
import { CONTENDERS, findContender, VARIANTS } from './contenders/index.ts';
import { GOALS } from './goals.ts';
import { openLab } from './lab.ts';
import { MEASURES } from './measures.ts';
import { figuresTable, serverCostsTable, variantsTable } from './tables.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    empty: { type: 'boolean', default: false },
  },
});
const size = flags.quick ? 'quick' : 'full';
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const million = flags.quick ? 1_000 : 1_000_000;
const ids = flags.only?.split(',') ?? Object.keys(CONTENDERS);
const measures = positionals.length > 0 ? positionals : [...Object.keys(MEASURES), 'costs'];
const isWhole = positionals.length === 0 && flags.only === undefined && !flags.quick;

const results = new Rounds();
await using lab = await openLab();
for (const id of ids) await lab.add(id);
await measureAll(
  ids,
  measures.filter((measure) => measure in MEASURES && measure !== 'estimate'),
  '',
);
if (measures.includes('costs')) {
  for (const id of Object.keys(VARIANTS)) await lab.add(id);
  await measureAll(Object.keys(VARIANTS), ['drain'], '');
}
if (!flags.empty) {
  const filled = ids.filter((id) => findContender(id).fill);
  for (const id of filled) await lab.fill(id, million);
  await measureAll(
    // No goal evaluates the peers here, so a quick run leaves them out.
    filled.filter((id) => !flags.quick || id.startsWith('gantry')),
    measures.filter((measure) => measure === 'drain' || measure === 'pick-up'),
    ', filled',
  );
}
// The peers tell no place.
if (measures.includes('estimate') && ids.includes('gantry-sql')) {
  await lab.fill('gantry-sql', million, 'fillReady');
  await measureAll(['gantry-sql'], ['estimate'], '');
}

const report = [
  `# The queue, measured\n`,
  `${await describeLab()}. Medians of ${rounds} rounds, and between what they lay.\n`,
  figuresTable(results, ids),
  goalsTable(GOALS, results),
  serverCostsTable(results, ids),
];
if (measures.includes('costs')) report.push(variantsTable(results));
process.stdout.write(`\n${report.join('\n')}`);
if (isWhole) await writeResults('queue', report.join('\n'));

/** Rounds in turn, so that a drift of the machine hits all. */
async function measureAll(of: string[], names: string[], suffix: string): Promise<void> {
  for (const measure of names) {
    for (let round = 0; round < rounds; round++) {
      for (const id of of) {
        if (!(findContender(id).measures?.includes(measure) ?? true)) continue;
        results.add(id, `${measure}${suffix}`, await lab.measure(id, measure, size));
      }
    }
  }
}

async function describeLab(): Promise<string> {
  const client = new pg.Client({ connectionString: lab.urlsOf(ids[0] ?? 'gantry').app });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return describeMachine(describePostgres(rows[0]?.server_version ?? 'unknown'));
}
