import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  cancelJob,
  claimJobs,
  completeJob,
  type Db,
  failJob,
  freeSlot,
  GantryError,
  heartbeat,
  releaseJob,
  rescueJobs,
  setQueue,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture, HOUR_MS } from '../fixture.ts';
import { checkHistory } from './history/check-history.ts';
import { readHistory } from './history/history.ts';
import { interleave, ordersOf, type Party } from './interleave.ts';

/** Two jobs run on a worker of their own each, three wait, and there is room for one. The first may have lost its lease. */
type Scene = {
  f: Fixture;
  workerIds: string[];
  first: { jobId: string; attempt: number; workerId: string };
  second: { jobId: string; attempt: number; workerId: string };
  /** The job that is claimed next. */
  next: string;
};
type Act = (scene: Scene, db: Db) => Promise<unknown>;

const LIMIT = 3;
const REFUSED = new Set(['LEASE_LOST', 'JOB_ALREADY_FINISHED', 'WORKER_UNKNOWN']);

/** Each scene is set anew, so all but those who change the queue itself can share a database. */
let shared: Fixture;
beforeAll(async () => {
  shared = await createFixture();
});
afterAll(() => shared[Symbol.asyncDispose]());

async function setScene(f: Fixture, isLapsed: boolean): Promise<Scene> {
  await f.asOwner(
    `delete from public.automation_jobs;
     delete from gantry.lingering_attempts;
     delete from public.automation_workers`,
  );
  await f.setLimit(LIMIT);
  const workerIds = [await f.addWorker(), await f.addWorker(), await f.addWorker()];
  const jobIds = [];
  for (let n = 0; n < 5; n++) jobIds.push(await f.submit());
  const held = [];
  for (const workerId of workerIds.slice(0, 2))
    for (const { jobId, attempt } of await f.claim(workerId)) held.push({ jobId, attempt, workerId });
  const [first, second] = held;
  const next = jobIds[2];
  if (!first || !second || !next) throw new Error('Two jobs can be claimed.');
  if (isLapsed) await f.endLease(first.jobId);
  return { f, workerIds, first, second, next };
}

const acts = {
  claim: (s, db) => claimJobs(db, { workerId: s.workerIds[2] ?? '', limit: 2, leaseMs: 60_000 }),
  'claim by another': (s, db) => claimJobs(db, { workerId: s.workerIds[1] ?? '', limit: 2, leaseMs: 60_000 }),
  complete: (s, db) => completeJob(db, { ...s.first, ...END, summary: null }),
  'complete the other': (s, db) => completeJob(db, { ...s.second, ...END, summary: null }),
  fail: (s, db) => failJob(db, { ...s.first, ...FAIL }),
  release: (s, db) => releaseJob(db, { ...s.first, browser: {} }),
  cancel: (s, db) => cancelJob(db, { jobId: s.first.jobId, reason: 'cancelled_by_owner' }),
  'cancel the next': (s, db) => cancelJob(db, { jobId: s.next, reason: 'cancelled_by_owner' }),
  heartbeat: (s, db) => heartbeat(db, { workerId: s.first.workerId, held: [s.first], leaseMs: 60_000 }),
  rescue: (_, db) => rescueJobs(db, { sessionGraceMs: HOUR_MS }),
  'rescue by another': (_, db) => rescueJobs(db, { sessionGraceMs: HOUR_MS }),
  'free the slot': (s, db) => freeSlot(db, s.first),
  'lower the limit': (_, db) => setQueue(db, { name: 'default', concurrencyLimit: 1 }),
} satisfies Record<string, Act>;

/** A transaction of two or three steps. What the queue refuses is an answer like any other. */
function transact(act: Act, scene: Scene, o: { hasOwnBegin: boolean }): Party {
  return (client) => {
    const begin = () => client.query('begin');
    const run = async () => {
      if (!o.hasOwnBegin) await begin();
      try {
        await act(scene, client);
      } catch (error) {
        if (!(error instanceof GantryError && REFUSED.has(error.code))) throw error;
      }
    };
    const commit = () => client.query('commit');
    return o.hasOwnBegin ? [begin, run, commit] : [run, commit];
  };
}

async function tryAllOrders(
  names: readonly (keyof typeof acts)[],
  isLapsed: boolean,
  f = shared,
): Promise<number> {
  const hasOwnBegin = names.length === 2;
  const orders = ordersOf(names.map(() => (hasOwnBegin ? 3 : 2)));
  for (const order of orders) {
    const scene = await setScene(f, isLapsed);
    const parties = names.map((name) => transact(acts[name], scene, { hasOwnBegin }));
    await interleave(f, parties, order);
    // What was lost on the way comes back, and what then may run still fits.
    await rescueJobs(f.db, { sessionGraceMs: HOUR_MS });
    await f.claim(scene.workerIds[2] ?? '', { limit: 4 });
    const history = await readHistory(f);
    const submitted = history.jobs.map(({ id, userId }) => ({ jobId: id, userId }));
    const violations = checkHistory(history, { submitted, cancels: [] }, { limits: { default: LIMIT } });
    expect(violations, `in the order ${order.join('')}`).toEqual([]);
    expect((await f.holders()).length, `in the order ${order.join('')}`).toBeLessThanOrEqual(LIMIT);
  }
  return orders.length;
}

test.for([
  ['claim', 'claim by another'],
  ['claim', 'cancel'],
  ['claim', 'cancel the next'],
  ['claim', 'complete'],
  ['claim', 'lower the limit'],
  ['claim', 'free the slot'],
  ['claim', 'rescue'],
  ['complete', 'cancel'],
  ['complete', 'complete the other'],
  ['complete', 'rescue'],
  ['fail', 'cancel'],
  ['release', 'claim'],
  ['release', 'cancel'],
  ['heartbeat', 'rescue'],
  ['heartbeat', 'cancel'],
  ['heartbeat', 'complete'],
  ['rescue', 'rescue by another'],
  ['rescue', 'cancel'],
] as const)('%s || %s: every order of their steps ends well', async (names) => {
  expect(await tryAllOrders(names, false)).toBe(20);
  const mayLapse = names.some((name) => name === 'rescue' || name === 'heartbeat');
  if (mayLapse) expect(await tryAllOrders(names, true)).toBe(20);
});

test.for([
  ['claim', 'complete', 'cancel'],
  ['claim', 'claim by another', 'release'],
  ['claim', 'complete', 'lower the limit'],
  ['heartbeat', 'rescue', 'claim'],
  ['complete', 'rescue', 'cancel'],
  ['claim', 'cancel', 'free the slot'],
] as const)('%s || %s || %s: every order of their steps ends well', async (names) => {
  expect(await tryAllOrders(names, true)).toBe(90);
});

test.for([
  ['perform pg_advisory_xact_lock(', 'perform concat(', 'claim by another'],
  [' and j.is_ready for no key update skip locked', '', 'cancel the next'],
] as const)('a queue that is wrong is noticed: claims without "%s"', async ([right, wrong, other]) => {
  await using f = await createFixture();
  await f.rewrite('claim_jobs', right, wrong);
  await expect(tryAllOrders(['claim', other], false, f)).rejects.toThrow(
    /in the order|cannot go|retried|out of range/,
  );
});

test('a deadlock is not taken for an end', async () => {
  const f = shared;
  const [one, other] = [await f.submit(), await f.submit()];
  const lock =
    (ids: string[]): Party =>
    (client) => [
      () => client.query('begin; set local role postgres'),
      ...ids.map(
        (id) => () => client.query('select from public.automation_jobs where id = $1 for update', [id]),
      ),
      () => client.query('commit'),
    ];
  const stuck = interleave(f, [lock([one, other]), lock([other, one])], [0, 1, 0, 1, 0, 1, 0, 1]);
  await expect(stuck).rejects.toMatchObject({ code: '40P01' });
});
