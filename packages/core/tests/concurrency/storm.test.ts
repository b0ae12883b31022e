import { randomInt, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  addArtifact,
  appendEvents,
  cancelJob,
  completeJob,
  failJob,
  freeSlot,
  GantryError,
  heartbeat,
  releaseJob,
  rescueJobs,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture, HOUR_MS, rowEvent } from '../fixture.ts';
import { checkHistory } from './history/check-history.ts';
import { readHistory, type Witness } from './history/history.ts';

const WORKERS = 20;
const JOBS = 200;
const LIMIT = 3;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whether it was done; false if the queue refused it for this reason. Anything else, a deadlock too, is thrown. */
async function unless(code: string, done: Promise<unknown>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if (error instanceof GantryError && error.code === code) return false;
    throw error;
  }
}

const countUnfinished = async ({ db }: Fixture): Promise<number> =>
  (
    await db.query(
      `select count(*)::integer as n from public.automation_jobs where status in ('pending', 'processing')`,
    )
  ).rows[0].n;

/** Each thing that may become of an attempt, some times over, so that no storm lacks any; after them, chance decides. */
const FIRST_DEEDS = Array.from({ length: 4 }, () => [0.05, 0.15, 0.35, 0.42, 0.5, 0.62, 0.9]).flat();

/** Does one thing of what a worker may do with an attempt. Returns whether the worker outlives it. */
async function work(
  f: Fixture,
  attempt: { jobId: string; attempt: number },
  o: { workerId: string; dice: number; refused: string[]; cancel: (jobId: string) => Promise<void> },
): Promise<boolean> {
  const write = async (what: string, done: Promise<unknown>) => {
    if (!(await unless('LEASE_LOST', done))) o.refused.push(what);
  };
  await write('report', appendEvents(f.db, { ...attempt, events: [rowEvent(attempt.attempt)] }));
  if (o.dice < 0.1) {
    await f.silence(o.workerId);
    return false;
  }
  if (o.dice < 0.2) await f.endLease(attempt.jobId);
  await heartbeat(f.db, { workerId: o.workerId, held: [attempt], leaseMs: 60_000 });
  if (o.dice < 0.3) {
    const file = { id: randomUUID(), name: 'a', contentType: 'a/b', size: 1, sha256: 'a'.repeat(64) };
    await write('file', addArtifact(f.db, { ...attempt, ...file, storageKey: file.id, rowIndex: null }));
  }
  // Its owner cancels what runs: all that the worker writes after that is refused.
  if (o.dice >= 0.6 && o.dice < 0.65) await o.cancel(attempt.jobId);
  if (o.dice < 0.4) await write('release', releaseJob(f.db, { ...attempt, browser: {} }));
  else if (o.dice < 0.6)
    await write('fail', failJob(f.db, { ...attempt, ...FAIL, backoffMs: 1, isPermanent: o.dice < 0.45 }));
  else await write('complete', completeJob(f.db, { ...attempt, ...END, summary: null }));
  // Whatever became of it, its browser is gone now.
  await freeSlot(f.db, attempt);
  return true;
}

test(`${WORKERS} workers that die, users who cancel and submit twice, two rescuers: every promise is kept`, async () => {
  const seed = Number(process.env['STORM_SEED'] ?? randomInt(2 ** 31));
  const random = randomFrom(seed);
  await using f = await createFixture();
  await f.publish({ maxAttempts: 10 });
  await f.setLimit(LIMIT);
  const witness: Witness = { submitted: [], cancels: [] };
  const refused: string[] = [];
  let isSubmitted = false;
  const isOver = async () => (await countUnfinished(f)) === 0 && isSubmitted;

  const submit = async () => {
    for (let n = 0; n < JOBS / 4; n++) {
      const key = random() < 0.5 ? `key ${Math.floor(random() * JOBS)}` : undefined;
      const jobId = await f.submit({
        idempotencyKey: key,
        payloadSha256: key && 'b'.repeat(64),
        priority: n % 3,
      });
      witness.submitted.push({ jobId, userId: f.user.id, ...(key && { key }) });
    }
  };
  const deeds = [...FIRST_DEEDS];
  const cancelOne = async (jobId: string) => {
    const done = cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
    const isCancelled = await unless('JOB_ALREADY_FINISHED', done);
    witness.cancels.push({ jobId, answer: isCancelled ? 'cancelled' : 'too late' });
  };
  const live = async () => {
    let workerId = await f.addWorker();
    while (!(await isOver())) {
      for (const { jobId, attempt } of await f.claim(workerId, { limit: 1 + Math.floor(random() * 2) }))
        if (
          !(await work(
            f,
            { jobId, attempt },
            { workerId, dice: deeds.shift() ?? random(), refused, cancel: cancelOne },
          ))
        ) {
          // It died with all it had; another takes its place.
          workerId = await f.addWorker();
          break;
        }
    }
  };
  const rescue = async () => {
    const stuckAfterMs = f.SILENCE_MS - HOUR_MS;
    while (!(await isOver())) await rescueJobs(f.db, { sessionGraceMs: stuckAfterMs, stuckAfterMs });
  };
  const cancel = async () => {
    while (!(await isOver())) {
      const { jobId } = witness.submitted[Math.floor(random() * witness.submitted.length)] ?? {};
      if (!jobId || random() > 0.1) continue;
      await cancelOne(jobId);
    }
  };
  await Promise.all([
    Promise.all([submit(), submit(), submit(), submit()]).then(() => {
      isSubmitted = true;
    }),
    ...Array.from({ length: WORKERS }, live),
    rescue(),
    rescue(),
    cancel(),
  ]);

  const history = await readHistory(f);
  const violations = checkHistory(history, witness, {
    limits: { default: LIMIT },
    workerSlots: 2,
    isQuiet: true,
  });
  expect(violations, `STORM_SEED=${seed}`).toEqual([]);
  // A storm in which nothing happened would prove nothing.
  const outcomes = new Set(history.attempts.map(({ outcome }) => outcome));
  expect(outcomes).toEqual(new Set(['completed', 'retry', 'released', 'lost', 'cancelled', 'failed']));
  expect(witness.cancels.map(({ answer }) => answer)).toContain('too late');
  expect(refused.length).toBeGreaterThan(0);
  expect(history.jobs.length).toBeLessThan(witness.submitted.length);
}, 240_000);

test('one worker with one place: the order is that of the ranks, whatever is given back or lost in between', async () => {
  await using f = await createFixture();
  const witness: Witness = { submitted: [], cancels: [] };
  for (let n = 0; n < 30; n++) {
    const jobId = await f.submit({ priority: (n * 7) % 3 });
    witness.submitted.push({ jobId, userId: f.user.id });
  }
  let workerId = await f.addWorker();
  for (let turn = 0; ; turn++) {
    const [attempt] = await f.claim(workerId);
    if (!attempt) break;
    if (turn % 5 === 1) await releaseJob(f.db, { ...attempt, browser: {} });
    else if (turn % 5 === 3) {
      await f.silence(workerId);
      await rescueJobs(f.db, { sessionGraceMs: HOUR_MS });
      workerId = await f.addWorker();
    } else await completeJob(f.db, { ...attempt, ...END, summary: null });
  }

  const history = await readHistory(f);
  const promises = { limits: { default: 1 }, workerSlots: 1, isStrictlyOrdered: true, isQuiet: true };
  expect(checkHistory(history, witness, promises)).toEqual([]);
  expect(new Set(history.attempts.map(({ outcome }) => outcome))).toEqual(
    new Set(['completed', 'released', 'lost']),
  );
});
