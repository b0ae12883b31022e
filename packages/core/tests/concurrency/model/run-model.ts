import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { createDirectoryStorage, setQueue } from '../../../src/index.ts';
import { createFixture, type Fixture } from '../../fixture.ts';
import { commands, opening, type QueueCommand } from './commands.ts';
import { MAX_ATTEMPTS, type ModelJob, QueueModel } from './queue-model.ts';

const SERVICES = Object.keys(MAX_ATTEMPTS);

/** The three workers: one for everything, one that knows one service, one that serves one queue. */
const WORKERS = [
  { services: SERVICES, queues: undefined },
  { services: ['default'], queues: undefined },
  { services: SERVICES, queues: ['other'] },
];

/**
 * Runs so many random sequences of commands against the queue and the model. Throws at the first difference, with the
 * shortest sequence that shows it.
 *
 * @param o.prepare changes the database before anything is run
 * @param o.isQuick does not look for the shortest sequence
 * @param o.from begins with this sequence, as fast-check has named it, and goes on with others
 * @returns all jobs as they were at the ends of the runs
 */
export async function runModel(o: {
  runs: number;
  isQuick?: boolean;
  from?: { seed: number; path: string } | undefined;
  prepare?: (f: Fixture) => Promise<void>;
}): Promise<ModelJob[]> {
  await using f = await createFixture();
  const directory = await mkdtemp(join(tmpdir(), 'gantry-model-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true }));
  const storage = createDirectoryStorage({ directory });
  for (const [id, maxAttempts] of Object.entries(MAX_ATTEMPTS))
    await f.publish({ id, queue: id, maxAttempts });
  await o.prepare?.(f);
  const jobs: ModelJob[] = [];

  const run = async (sequence: Iterable<QueueCommand>) => {
    const model = await begin(f);
    await fc.asyncModelRun(() => ({ model, real: { f, storage } }), [...opening, ...sequence]);
    jobs.push(...model.jobs);
  };
  const sequences = fc.commands(commands, { maxCommands: 60, size: 'max' });
  await fc.assert(fc.asyncProperty(sequences, run), {
    numRuns: o.runs,
    endOnFailure: o.isQuick ?? false,
    ...o.from,
  });
  return jobs;
}

/** Empties the queue, and lets the model begin with it. */
async function begin(f: Fixture): Promise<QueueModel> {
  await f.asOwner('delete from public.automation_jobs');
  await f.asOwner('delete from gantry.lingering_attempts');
  // The clock goes back.
  await f.asOwner('delete from gantry.line_starts; delete from gantry.running_starts');
  await f.setClock(0);
  const model = new QueueModel();
  for (const name of SERVICES)
    await setQueue(f.db, { name, concurrencyLimit: model.limits[name] ?? null, isPaused: false });
  for (const worker of WORKERS)
    model.workers.push({ ...worker, id: await f.addWorker({ services: worker.services }), fate: 'lives' });
  return model;
}
