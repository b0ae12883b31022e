import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { JobEvent } from '@gantry/contract';

import pg from 'pg';
import { expect, test, vi } from 'vitest';

import {
  appendEvents,
  cancelJob,
  completeJob,
  EventHub,
  getJob,
  getJobEvents,
  openWorkerSession,
  watchJobEvents,
} from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

/** So long that a test that needs it fails: only hints count. */
const NEVER = 3_600_000;
const DONE = { summary: null, resultTtlMs: 60_000, browser: {} };

const startHub = (f: Fixture, databaseUrl = f.database.databaseUrl) =>
  EventHub.start({ databaseUrl, applicationName: 'hub', db: f.db, pollIntervalMs: NEVER });

function watch(
  f: Fixture,
  hub: EventHub,
  jobId: string,
  o: Partial<Parameters<typeof watchJobEvents>[0]> = {},
) {
  return watchJobEvents({
    hub,
    jobId,
    afterSeq: 0,
    signal: new AbortController().signal,
    readAsWatcher: (afterSeq) => readPage(f, jobId, afterSeq),
    read: (afterSeq) => readPage(f, jobId, afterSeq),
    ...o,
  });
}

/** A small page, so that a history takes several. */
async function readPage(f: Fixture, jobId: string, afterSeq: number) {
  const events = await getJobEvents(f.db, { jobId, afterSeq, limit: 3 });
  const job = await getJob(f.db, jobId);
  return job && { job, events };
}

async function collect(events: AsyncIterable<JobEvent>, into: number[] = []): Promise<number[]> {
  for await (const event of events) into.push(event.seq);
  return into;
}

const say = (f: Fixture, jobId: string, name: string) =>
  appendEvents(f.db, { jobId, attempt: 1, events: [{ type: 'step', data: { name } }] });

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

const killHub = (f: Fixture) =>
  f.asOwner(`select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'hub'`);

const countHubs = async (f: Fixture) =>
  (await f.asOwner(`select from pg_stat_activity where application_name = 'hub'`)).rowCount;

async function startJob(f: Fixture): Promise<string> {
  const jobId = await f.submit();
  await f.claim(await f.addWorker());
  return jobId;
}

/** A line to the database that can go dead: nothing arrives any more, and nobody is told. */
async function startLine(f: Fixture) {
  const url = new URL(f.database.databaseUrl);
  const { hostname, port } = url;
  const path = url.searchParams.get('host');
  const sockets = new Set<Socket>();
  let isDead = false;
  const server = createServer((near) => {
    const far = path ? connect(`${path}/.s.PGSQL.${port}`) : connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => isDead || to.write(data));
      from.on('close', () => isDead || to.destroy());
      from.on('error', () => {});
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    databaseUrl: url.href,
    die: () => {
      isDead = true;
    },
    /** Cuts what is connected. Who comes again is let in, and hears nothing; resolves when somebody has come. */
    async fallSilent() {
      isDead = true;
      const comes = once(server, 'connection');
      for (const socket of sockets) socket.destroy();
      await comes;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a watcher gets every event once and in order, as it happens, and the watch ends with the job', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const seen: number[] = [];
  const watching = collect(watch(f, hub, jobId), seen);
  for (let i = 0; i < 10; i++) {
    await say(f, jobId, `step ${i}`);
    await expect.poll(() => seen.length).toBe(3 + i);
  }
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  expect(await watching).toEqual(upTo(13));
  expect(hub.watcherCount).toBe(0);
});

test('many watchers of a busy job all get the whole history', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const watching = Array.from({ length: 10 }, () => collect(watch(f, hub, jobId)));
  await Promise.all(Array.from({ length: 40 }, (_, i) => say(f, jobId, `step ${i}`)));
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  for (const seen of await Promise.all(watching)) expect(seen).toEqual(upTo(43));
});

test('an event is read once for all who wait for it, and each watcher’s right to see it by itself', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const reads = { own: 0, shared: 0 };
  const count = (kind: keyof typeof reads) => (afterSeq: number) => {
    reads[kind]++;
    return readPage(f, jobId, afterSeq);
  };
  const seen = Array.from({ length: 20 }, (): number[] => []);
  const watching = seen.map((into) =>
    collect(watch(f, hub, jobId, { readAsWatcher: count('own'), read: count('shared') }), into),
  );
  // Hints of what is known already may still be on their way; after an event of ours there are none.
  await say(f, jobId, 'one');
  await expect.poll(() => seen.every((seqs) => seqs.length === 3)).toBe(true);
  const sharedBefore = reads.shared;
  await say(f, jobId, 'two');
  await expect.poll(() => seen.every((seqs) => seqs.length === 4)).toBe(true);
  expect(reads).toEqual({ own: 20, shared: sharedBefore + 1 });
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  for (const seqs of await Promise.all(watching)) expect(seqs).toEqual(upTo(5));
});

test('a watcher that comes back goes on after the last event it has', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  await say(f, jobId, 'one');
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  expect(await collect(watch(f, hub, jobId, { afterSeq: 2 }))).toEqual([3, 4]);
  expect(await collect(watch(f, hub, jobId, { afterSeq: 4 }))).toEqual([]);
});

test('what is said while the listening connection is gone is not missed', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const seen: number[] = [];
  const watching = collect(watch(f, hub, jobId), seen);
  await expect.poll(() => seen).toEqual([1, 2]);
  for (let round = 0; round < 3; round++) {
    await killHub(f);
    await say(f, jobId, `round ${round}`);
    await expect.poll(() => seen.length).toBe(3 + round);
  }
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  expect(await watching).toEqual(upTo(6));
  expect(hub.isConnected).toBe(true);
});

test('what is said while nobody listens and a watcher is reading is not missed', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const begun = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const seen: number[] = [];
  const watching = collect(
    watch(f, hub, jobId, {
      async read(afterSeq) {
        const found = await readPage(f, jobId, afterSeq);
        if (found?.job.eventSeq === 4) {
          begun.resolve();
          await answer.promise;
        }
        return found;
      },
    }),
    seen,
  );
  // After an event of ours no hints of earlier ones are on their way.
  await say(f, jobId, 'three');
  await expect.poll(() => seen).toEqual([1, 2, 3]);
  await say(f, jobId, 'four');
  await begun.promise;
  // Without waiting for its end, which would take longer than the hub needs to come back.
  await f.asOwner(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hub'`);
  await say(f, jobId, 'five, while nobody listens');
  // A new connection: by then the hub knows that the old one is gone.
  await expect.poll(() => countHubs(f)).toBe(1);
  await expect.poll(() => hub.isConnected).toBe(true);
  answer.resolve();
  await expect.poll(() => seen).toEqual([1, 2, 3, 4, 5]);
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  expect(await watching).toEqual(upTo(6));
});

test('without any hint a watcher lives on polling', async () => {
  await using f = await createFixture();
  await using deaf = new EventHub({ db: f.db, pollIntervalMs: 20 });
  const jobId = await startJob(f);
  const watching = collect(watch(f, deaf, jobId));
  await say(f, jobId, 'one');
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  expect(await watching).toEqual(upTo(4));
});

test('without any hint only the jobs that have moved are read, however many are watched', async () => {
  await using f = await createFixture();
  await using deaf = new EventHub({ db: f.db, pollIntervalMs: 20 });
  await f.setLimit(null);
  const moving = await startJob(f);
  const jobIds = [moving, await f.submit(), await f.submit()];
  const reads: string[] = [];
  const seen: number[] = [];
  const leave = new AbortController();
  const watching = jobIds.map((jobId) => {
    const read = (afterSeq: number) => {
      reads.push(jobId);
      return readPage(f, jobId, afterSeq);
    };
    return collect(
      watch(f, deaf, jobId, { read, readAsWatcher: read, signal: leave.signal }),
      jobId === moving ? seen : [],
    );
  });
  await expect.poll(() => seen).toEqual([1, 2]);
  await say(f, moving, 'one');
  await expect.poll(() => seen).toEqual([1, 2, 3]);
  await say(f, moving, 'two');
  await expect.poll(() => seen).toEqual([1, 2, 3, 4]);
  leave.abort();
  await Promise.all(watching);
  expect(reads.filter((jobId) => jobId !== moving)).toHaveLength(2);
});

test('who has lost the right to see a job is let go, also when nothing happens', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  let maySee = true;
  const seen: number[] = [];
  const watching = collect(
    watch(f, hub, jobId, {
      recheckMs: 20,
      readAsWatcher: async (afterSeq) => (maySee ? readPage(f, jobId, afterSeq) : null),
    }),
    seen,
  );
  await expect.poll(() => seen).toEqual([1, 2]);
  maySee = false;
  expect(await watching).toEqual([1, 2]);
  expect(hub.watcherCount).toBe(0);
});

test('a storm of watchers reads a few at a time, and who left before its turn reads nothing', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  let underWay = 0;
  let most = 0;
  const open = Promise.withResolvers<void>();
  const readAsWatcher = async (afterSeq: number) => {
    most = Math.max(most, ++underWay);
    await open.promise;
    const found = await readPage(f, jobId, afterSeq);
    underWay--;
    return found;
  };
  const seen = Array.from({ length: 40 }, (): number[] => []);
  const watching = seen.map((into) => collect(watch(f, hub, jobId, { readAsWatcher }), into));
  const leave = new AbortController();
  const readByLeaver = vi.fn(readAsWatcher);
  const left = collect(watch(f, hub, jobId, { readAsWatcher: readByLeaver, signal: leave.signal }));
  await expect.poll(() => hub.watcherCount).toBe(41);
  leave.abort();
  open.resolve();
  expect(await left).toEqual([]);
  expect(readByLeaver).not.toHaveBeenCalled();
  await expect.poll(() => seen.every((seqs) => seqs.length === 2)).toBe(true);
  expect(most).toBe(4);
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  for (const seqs of await Promise.all(watching)) expect(seqs).toEqual(upTo(3));
});

test('a watcher that is slow holds up nobody, and gets everything in its own time', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const slow = watch(f, hub, jobId);
  expect((await slow.next()).value).toMatchObject({ seq: 1 });
  const quick: number[] = [];
  const watching = collect(watch(f, hub, jobId), quick);
  for (let i = 0; i < 10; i++) {
    await say(f, jobId, `step ${i}`);
    await expect.poll(() => quick.length).toBe(3 + i);
  }
  await completeJob(f.db, { jobId, attempt: 1, ...DONE });
  expect(await watching).toEqual(upTo(13));
  expect(await collect(slow)).toEqual(upTo(13).slice(1));
});

test('a watch ends when the watcher leaves, when the job is gone, and leaves nothing behind', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  const leave = new AbortController();
  const seen: number[] = [];
  const left = collect(watch(f, hub, jobId, { signal: leave.signal }), seen);
  const seenByOther: number[] = [];
  const gone = collect(watch(f, hub, jobId), seenByOther);
  await expect
    .poll(() => [seen, seenByOther])
    .toEqual([
      [1, 2],
      [1, 2],
    ]);
  expect(hub.watcherCount).toBe(2);
  leave.abort();
  expect(await left).toEqual([1, 2]);
  await f.asOwner('delete from public.automation_jobs where id = $1', [jobId]);
  await f.db.query(`select pg_notify('gantry_events', $1)`, [jobId]);
  expect(await gone).toEqual([1, 2]);
  expect(hub.watcherCount).toBe(0);
});

test('the watch of a job that is cancelled ends with that', async () => {
  await using f = await createFixture();
  await using hub = await startHub(f);
  const jobId = await startJob(f);
  await cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
  expect(await collect(watch(f, hub, jobId))).toEqual([1, 2, 3]);
});

test('a connection that does not deliver is refused at the start, with what to do', async () => {
  await using f = await createFixture();
  // As a transaction pooler does it: what is sent arrives, but no notification comes back.
  await f.asOwner(`create function public.pg_notify(text, text) returns void language sql as ''`);
  await f.asOwner(
    `alter role postgres in database ${await f.databaseName()} set search_path = public, pg_catalog`,
  );
  await expect(startHub(f)).rejects.toMatchObject({
    code: 'LISTEN_UNAVAILABLE',
    message: expect.stringContaining('transaction pooler'),
  });
});

test('disposing of a hub returns at once, also when the line is dead', async () => {
  await using f = await createFixture();
  await using line = await startLine(f);
  const hub = await startHub(f, line.databaseUrl);
  expect(hub.isConnected).toBe(true);
  line.die();
  await hub[Symbol.asyncDispose]();
  expect(hub.isConnected).toBe(false);
});

test('disposing of a hub while it reconnects ends it', async () => {
  await using f = await createFixture();
  const line = await startLine(f);
  const hub = await startHub(f, line.databaseUrl);
  await line[Symbol.asyncDispose]();
  await expect.poll(() => hub.isConnected).toBe(false);
  await hub[Symbol.asyncDispose]();
});

test('so does disposing of one that has reached somebody who does not answer', async () => {
  await using f = await createFixture();
  await using line = await startLine(f);
  const hub = await startHub(f, line.databaseUrl);
  await line.fallSilent();
  await hub[Symbol.asyncDispose]();
  expect(hub.isConnected).toBe(false);
});

test('a worker’s session hears of jobs and cancels, and holds its lock again after a break before it looks for jobs', async () => {
  await using f = await createFixture();
  const heard: string[] = [];
  let lost = 0;
  const isLocked = async () => {
    const client = new pg.Client({ connectionString: f.database.databaseUrl });
    await client.connect();
    const { rows } = await client.query(
      'select not pg_try_advisory_lock(gantry.session_lock_class(), 7) as locked',
    );
    await client.end();
    return rows[0].locked;
  };
  await using session = await openWorkerSession({
    databaseUrl: f.database.databaseUrl,
    applicationName: 'hub',
    sessionKey: 7,
    onJobs: () => heard.push('jobs'),
    onCancel: (jobId) => heard.push(jobId),
    onLost: () => {
      lost += 1;
    },
  });
  expect(heard).toEqual(['jobs']);
  expect(await isLocked()).toBe(true);
  const jobId = await f.submit();
  await expect.poll(() => heard).toEqual(['jobs', 'jobs']);
  await f.claim(await f.addWorker());
  await cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
  await expect.poll(() => heard).toEqual(['jobs', 'jobs', jobId]);
  await killHub(f);
  await expect.poll(() => heard).toEqual(['jobs', 'jobs', jobId, 'jobs']);
  expect(lost).toBe(1);
  expect(await isLocked()).toBe(true);
  await session[Symbol.asyncDispose]();
  expect(await isLocked()).toBe(false);
  expect(lost).toBe(1);
});
