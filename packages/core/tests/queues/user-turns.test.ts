import { expect, test } from 'vitest';

import { completeJob, estimateWait } from '../../src/index.ts';
import { createFixture, END, type Fixture } from '../fixture.ts';

// The queue of the fixture runs one job at a time.

async function setUp() {
  const f = await createFixture();
  const [bob, eve] = await Promise.all([f.database.createUser(), f.database.createUser()]);
  const workerId = await f.addWorker();
  const names = new Map<string, string>();
  return {
    f,
    /** Submits a job under a name that begins with its user's. */
    async add(name: string, priority = 0): Promise<string> {
      const user = { a: f.user, b: bob, e: eve }[name.charAt(0)];
      const jobId = await f.submit({ userId: user?.id ?? '', priority });
      names.set(jobId, name);
      return jobId;
    },
    async startNext() {
      const [job] = await f.claim(workerId);
      return job ? { name: names.get(job.jobId) ?? '', ...job } : null;
    },
    async end({ jobId, attempt }: { jobId: string; attempt: number }) {
      await completeJob(f.db, { jobId, attempt, summary: null, ...END });
    },
    async runAll(): Promise<string[]> {
      const order: string[] = [];
      for (;;) {
        const job = await this.startNext();
        if (!job) return order;
        order.push(job.name);
        await this.end(job);
      }
    },
    /** Names of all that wait, by the positions that they are told. */
    async foretell(): Promise<string[]> {
      const waiting: [number, string][] = [];
      for (const [jobId, name] of names) {
        const { queuePosition } = await estimateWait(f.db, jobId);
        if (queuePosition) waiting.push([queuePosition, name]);
      }
      const positions = waiting.toSorted(([one], [other]) => one - other);
      expect(positions.map(([position]) => position)).toEqual(positions.map((_, index) => index + 1));
      return positions.map(([, name]) => name);
    },
    [Symbol.asyncDispose]: () => f[Symbol.asyncDispose](),
  };
}

/** Makes all that waits as old as if it had been submitted so long ago. */
const age = (f: Fixture, minutes: number) =>
  f.write(
    `update public.automation_jobs set rank = rank - make_interval(mins => $1), run_at = run_at - make_interval(mins => $1)
     where status = 'pending'`,
    [minutes],
  );

test('the one job of a user goes next, however many another has waiting and however old they are', async () => {
  await using queue = await setUp();
  for (let n = 1; n <= 12; n++) await queue.add(`a${n}`);
  await age(queue.f, 600);
  const running = await queue.startNext();
  expect(running?.name).toBe('a1');
  const bobs = await queue.add('b1');
  expect(await estimateWait(queue.f.db, bobs)).toMatchObject({ queuePosition: 1, wait: { code: 'next' } });
  expect((await queue.foretell()).slice(0, 3)).toEqual(['b1', 'a2', 'a3']);
  if (running) await queue.end(running);
  expect((await queue.runAll()).slice(0, 3)).toEqual(['b1', 'a2', 'a3']);
});

test('users take turns as they came, a new one after those who wait already, and positions say so', async () => {
  await using queue = await setUp();
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'b3']) await queue.add(name);
  expect(await queue.foretell()).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  for (const expected of ['a1', 'b1']) {
    const job = await queue.startNext();
    expect(job?.name).toBe(expected);
    if (job) await queue.end(job);
  }
  for (const name of ['e1', 'e2', 'a4']) await queue.add(name);
  const foretold = await queue.foretell();
  expect(foretold).toEqual(['a2', 'e1', 'b2', 'a3', 'e2', 'b3', 'a4']);
  expect(await queue.runAll()).toEqual(foretold);
});

test('priority goes before turns, until a job of another user has waited for its head start', async () => {
  await using queue = await setUp();
  await queue.add('b-old');
  await age(queue.f, 40);
  for (const name of ['a-urgent1', 'a-urgent2', 'a-urgent3']) await queue.add(name, 2);
  await queue.add('e1');
  for (const name of ['b-high', 'a-high']) await queue.add(name, 1);
  const foretold = await queue.foretell();
  expect(foretold).toEqual(['b-old', 'a-urgent1', 'a-urgent2', 'a-urgent3', 'b-high', 'a-high', 'e1']);
  expect(await queue.runAll()).toEqual(foretold);
});

test('positions are the order of claims for any mix of users and priorities', async () => {
  await using queue = await setUp();
  let seed = 7;
  const random = (most: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  for (let round = 0; round < 6; round++) {
    for (let n = 0; n < 8; n++) await queue.add(`${'abe'.charAt(random(3))}${round}.${n}`, random(3));
    if (round % 2) await age(queue.f, random(40));
    const foretold = await queue.foretell();
    const order: string[] = [];
    // Some stay for the next round.
    for (let n = 0; n < (round < 5 ? 5 : 100); n++) {
      const job = await queue.startNext();
      if (!job) break;
      order.push(job.name);
      await queue.end(job);
    }
    expect(order).toEqual(foretold.slice(0, order.length));
  }
});

test('a hundred users are remembered, and the claims of one user write nothing', async () => {
  await using queue = await setUp();
  const { f } = queue;
  const { rows: users } = await f.asOwner(
    `insert into auth.users (id, email, encrypted_password)
     select gen_random_uuid(), 'u' || n || '@example.com', 'x' from generate_series(1, 120) n returning id`,
  );
  for (const user of users) await f.submit({ userId: user.id });
  await queue.runAll();
  const read = 'select cardinality(user_ids) as users, ended_at, xmin from gantry.queue_turns';
  const before = (await f.db.query(read)).rows;
  expect(before).toMatchObject([{ users: 100 }]);
  await f.submit({ userId: users.at(-1)?.id });
  await queue.runAll();
  expect((await f.db.query(read)).rows).toEqual(before);
});
