import { once } from 'node:events';
import type { Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { type Api, formOf, GOOD_CSV, startApi } from './fixture.ts';
import { HELD_CSV, HOLDS } from './holding-thread.ts';
import { openRaw } from './raw-http.ts';

// What one user sends never makes another wait, and nothing is made for a client that has gone.

let api: Api;
let ada: Awaited<ReturnType<Api['newUser']>>;
let bob: Awaited<ReturnType<Api['newUser']>>;
let channel: InstanceType<typeof BroadcastChannel>;
beforeAll(async () => {
  const script = new URL('holding-thread.ts', import.meta.url);
  api = await startApi({}, { script, limits: { totalMs: 600_000 } });
  [ada, bob] = [await api.newUser(), await api.newUser()];
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => {
  channel = new BroadcastChannel(HOLDS);
});
afterEach(() => channel.close());

const submit = (user: typeof ada, content: string, signal?: AbortSignal) =>
  fetch(`${api.url}/api/queue/submit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: formOf({ serviceId: 'ctg-port-tracking' }, { content }),
    ...(signal && { signal }),
  });

test("another user's file is checked while all those of one are held, and one too many is told when to come again", async () => {
  const before = await api.leftovers();
  const gone = new AbortController();
  const holds = once(channel, 'message');
  const held = [1, 2, 3, 4].map(() => submit(ada, HELD_CSV, gone.signal));
  await holds;
  expect((await submit(bob, GOOD_CSV)).status).toBe(201);

  await expect.poll(async () => (await api.leftovers()).files, { timeout: 60_000 }).toBe(before.files + 5);
  const refused = await submit(ada, GOOD_CSV);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('5');

  gone.abort();
  await Promise.allSettled(held);
  await expect
    .poll(() => api.leftovers(), { timeout: 60_000 })
    .toMatchObject({
      jobs: before.jobs + 1,
      uploads: before.uploads + 1,
      files: before.files + 1,
    });
  expect((await submit(ada, GOOD_CSV)).status).toBe(201);
});

for (const path of ['/api/queue/submit', '/api/uploads', '/api/run-automation']) {
  const request = (content: string) => {
    const body = `--b\r\ncontent-disposition: form-data; name="serviceId"\r\n\r\nctg-port-tracking\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${content}\r\n--b--\r\n`;
    return [
      `POST ${path} HTTP/1.1`,
      'host: localhost',
      `authorization: Bearer ${ada.token}`,
      'content-type: multipart/form-data; boundary=b',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  };

  test(`${path}: a client that goes while its file is checked leaves nothing`, async () => {
    const before = await api.leftovers();
    const holds = once(channel, 'message');
    using connection = await openRaw(api.url);
    connection.socket.write(request(HELD_CSV));
    await holds;
    connection.socket.destroy();
    await expect.poll(() => api.leftovers(), { timeout: 60_000 }).toEqual(before);
    // The thread that held it is free again for the same user.
    expect((await submit(ada, GOOD_CSV)).status).toBe(201);
  });

  test(`${path}: a client that goes while the job is being written has none`, async () => {
    const before = await api.leftovers();
    const lock = await api.pool.connect();
    try {
      await lock.query('begin; lock table public.automation_uploads in share mode');
      const accepted = once(api.app.server, 'connection');
      using connection = await openRaw(api.url);
      const [socket]: Socket[] = await accepted;
      if (!socket) throw new TypeError('The server accepted nothing.');
      const noticed = once(socket, 'close');
      connection.socket.write(request(GOOD_CSV));
      const waits = 'select 1 from pg_locks where not granted';
      await expect.poll(async () => (await api.pool.query(waits)).rowCount, { timeout: 60_000 }).toBe(1);
      connection.socket.destroy();
      await noticed;
    } finally {
      await lock.query('rollback');
      lock.release();
    }
    await expect.poll(() => api.leftovers(), { timeout: 60_000 }).toEqual(before);
  });
}

test('a user at the storage quota can upload and submit nothing more, and is told why', async () => {
  const { maxStorageBytes } = api.deps.config;
  const [eve, dan] = [await api.newUser(), await api.newUser()];
  const token = { authorization: `Bearer ${eve.token}` };
  const before = await api.leftovers();
  // Two files, the second of which is one byte too many for the two.
  api.deps.config.maxStorageBytes = 2 * GOOD_CSV.length - 1;
  try {
    const answers = await Promise.all([submit(eve, GOOD_CSV), submit(eve, GOOD_CSV)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 413]);
    const refused = answers.find(({ status }) => status === 413);
    expect(JSON.parse((await refused?.text()) ?? '')).toMatchObject({
      error: { code: 'STORAGE_QUOTA_EXCEEDED', message: expect.stringContaining('results expire') },
    });
    api.deps.config.maxStorageBytes = GOOD_CSV.length;
    const body = formOf({ serviceId: 'ctg-port-tracking' }, { content: GOOD_CSV });
    const upload = await fetch(`${api.url}/api/uploads`, { method: 'POST', headers: token, body });
    const json = await fetch(`${api.url}/api/trpc/jobs.submit`, {
      method: 'POST',
      headers: { ...token, 'content-type': 'application/json' },
      body: JSON.stringify({ serviceId: 'no-file', input: { n: 1 } }),
    });
    expect([upload.status, json.status]).toEqual([413, 413]);
    // Another user has a quota of their own.
    expect((await submit(dan, GOOD_CSV)).status).toBe(201);
    // A job that is deleted gives its file back.
    const { jobId } = JSON.parse((await answers.find(({ status }) => status === 201)?.text()) ?? '');
    const change = async (what: string) =>
      (await fetch(`${api.url}/api/queue/${what}/${jobId}`, { method: 'POST', headers: token })).status;
    expect([await change('delete'), await change('cancel'), await change('delete')]).toEqual([409, 200, 200]);
    expect((await submit(eve, GOOD_CSV)).status).toBe(201);
  } finally {
    api.deps.config.maxStorageBytes = maxStorageBytes;
  }
  expect(await api.leftovers()).toMatchObject({ jobs: before.jobs + 2, files: before.files + 2 });
});

test('a submission that is repeated with its key has its job, though the storage quota is reached meanwhile', async () => {
  const { maxStorageBytes } = api.deps.config;
  const eve = await api.newUser();
  const asEve = { authorization: `Bearer ${eve.token}` };
  const sendForm = async () => {
    const body = formOf({ serviceId: 'ctg-port-tracking', idempotencyKey: 'form' }, { content: GOOD_CSV });
    const answer = await fetch(`${api.url}/api/queue/submit`, { method: 'POST', headers: asEve, body });
    return { status: answer.status, jobId: JSON.parse(await answer.text()).jobId };
  };
  const sendJson = async (idempotencyKey: string) => {
    const answer = await fetch(`${api.url}/api/queue/submit-many`, {
      method: 'POST',
      headers: { ...asEve, 'content-type': 'application/json' },
      body: JSON.stringify({ jobs: [{ serviceId: 'no-file', input: { n: 1 }, idempotencyKey }] }),
    });
    return JSON.parse(await answer.text()).jobs[0];
  };
  const form = await sendForm();
  const json = await sendJson('json');
  const before = await api.leftovers();
  api.deps.config.maxStorageBytes = GOOD_CSV.length;
  try {
    expect(await sendForm()).toEqual({ status: 200, jobId: form.jobId });
    expect(await sendJson('json')).toEqual({ jobId: json.jobId, isNew: false, error: null });
    expect(await sendJson('another')).toMatchObject({ error: { code: 'STORAGE_QUOTA_EXCEEDED' } });
  } finally {
    api.deps.config.maxStorageBytes = maxStorageBytes;
  }
  expect(await api.leftovers()).toEqual(before);
});

test('an admin at the storage quota can submit for a user who is not, and not the other way round', async () => {
  const { maxStorageBytes } = api.deps.config;
  const [admin, dan] = [await api.newUser(true), await api.newUser()];
  const submitFor = async (userId: string) => {
    const body = formOf({ serviceId: 'ctg-port-tracking', userId }, { content: GOOD_CSV });
    const headers = { authorization: `Bearer ${admin.token}` };
    return (await fetch(`${api.url}/api/queue/submit`, { method: 'POST', headers, body })).status;
  };
  expect(await submitFor(admin.id)).toBe(201);
  api.deps.config.maxStorageBytes = GOOD_CSV.length;
  try {
    expect([await submitFor(admin.id), await submitFor(dan.id), await submitFor(dan.id)]).toEqual([
      413, 201, 413,
    ]);
  } finally {
    api.deps.config.maxStorageBytes = maxStorageBytes;
  }
});

test('a file that is being checked when the server stops is answered with 503, and leaves nothing', async () => {
  const script = new URL('holding-thread.ts', import.meta.url);
  await using other = await startApi({}, { script, limits: { totalMs: 600_000 } });
  const user = await other.newUser();
  const holds = once(channel, 'message');
  const answer = fetch(`${other.url}/api/queue/submit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: formOf({ serviceId: 'ctg-port-tracking' }, { content: HELD_CSV }),
  });
  await holds;
  other.stopping.abort();
  const refused = await answer;
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(await refused.json()).toMatchObject({ error: { code: 'STOPPING' } });
  expect(await other.leftovers()).toEqual({ jobs: 0, uploads: 0, files: 0 });
});
