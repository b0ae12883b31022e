import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer, json } from 'node:stream/consumers';

import { expect, test } from 'vitest';
import { z } from 'zod';

import {
  createSupabaseStorage,
  createUpload,
  newArtifactKey,
  newUploadKey,
  sweepStorage,
} from '../../src/index.ts';
import { createFixture as createDatabase } from '../fixture.ts';

const TEXT = { contentType: 'text/plain' };

/**
 * Speaks the routes of Supabase Storage that are used here, with its way of saying errors: mostly status 400, with
 * what is meant in the body.
 */
async function createFixture(limits: Partial<Parameters<typeof createSupabaseStorage>[0]['limits']> = {}) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createDatabase());
  const objects = new Map<string, { body: Buffer; contentType: string | undefined }>();
  const requests: string[] = [];
  /** `movedTo`: every answer leads there. `hang`: requests are not answered. `pour`: the pieces of every file, one for each call, until there is no more. */
  const faults: { movedTo?: string; status?: number; hang?: boolean; pour?: () => Promise<Buffer | null> } =
    {};
  const closed = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers['x-upsert']].join(' ').trim());
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '', 'http://x').pathname.replace('/storage/v1/object/', '');
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers['apikey'] !== 'sb_secret_test') return send(403, { message: 'no' });
    if (faults.hang) {
      request.resume();
      return;
    }
    if (faults.movedTo !== undefined) {
      request.resume();
      response.writeHead(307, { location: faults.movedTo }).end();
      return;
    }
    if (faults.status) {
      request.resume();
      return send(faults.status, { statusCode: String(faults.status), error: 'x', message: 'x' });
    }
    if (request.url === '/storage/v1/bucket/gantry') return send(200, { id: 'gantry', public: false });
    if (request.method === 'DELETE') {
      const { prefixes } = z.object({ prefixes: z.array(z.string()) }).parse(await json(request));
      const gone = prefixes.filter((key) => objects.delete(`gantry/${key}`));
      return send(
        200,
        gone.map((name) => ({ name })),
      );
    }
    const found = objects.get(path);
    if (request.method === 'GET' && faults.pour) {
      response.on('close', closed.resolve);
      response.writeHead(200);
      for (let piece = await faults.pour(); piece && !response.destroyed; piece = await faults.pour()) {
        if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed.promise]);
      }
      response.end();
      return;
    }
    if (request.method === 'GET') {
      if (!found) return send(400, { statusCode: '404', error: 'not_found', message: 'Object not found' });
      response.writeHead(200).end(found.body);
      return;
    }
    const body = await buffer(request);
    if (found) return send(400, { statusCode: '409', error: 'Duplicate', message: 'exists' });
    objects.set(path, { body, contentType: request.headers['content-type'] });
    send(200, { Key: path });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  stack.defer(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const resources = stack.move();
  return {
    objects,
    requests,
    faults,
    database,
    /** Resolves when the connection of a download is closed. */
    closed: closed.promise,
    storage: createSupabaseStorage({
      url: `http://127.0.0.1:${port}`,
      secretKey: 'sb_secret_test',
      db: database.db,
      limits: { uploadMs: 60_000, answerMs: 60_000, idleMs: 60_000, ...limits },
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test('keeps what it is given, and never overwrites', async () => {
  await using f = await createFixture();
  const key = newUploadKey();
  expect(await f.storage.put(key, Buffer.from('Hello'), TEXT)).toEqual({
    size: 5,
    sha256: '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969',
  });
  expect(f.objects.get(`gantry/${key}`)?.contentType).toBe('text/plain');
  expect((await buffer(await f.storage.get(key))).toString()).toBe('Hello');
  await expect(f.storage.put(key, Buffer.from('again'), TEXT)).rejects.toMatchObject({
    code: 'STORAGE_KEY_TAKEN',
  });
  expect(f.requests[0]).toBe(`POST /storage/v1/object/gantry/${key} false`);
});

test('sends nothing of a file that is too large', async () => {
  await using f = await createFixture();
  await expect(
    f.storage.put(newUploadKey(), Buffer.from('12345'), { ...TEXT, maxBytes: 4 }),
  ).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  expect(f.requests).toEqual([]);
});

test('says that a file is gone', async () => {
  await using f = await createFixture();
  await expect(f.storage.get(newUploadKey())).rejects.toMatchObject({ code: 'STORAGE_OBJECT_MISSING' });
});

test.each([
  [500, 'STORAGE_UNAVAILABLE'],
  [429, 'STORAGE_UNAVAILABLE'],
  [404, 'STORAGE_UNAVAILABLE'],
  [413, 'FILE_TOO_LARGE'],
])('an upload answered with %i is %s', async (status, code) => {
  await using f = await createFixture();
  f.faults.status = status;
  await expect(f.storage.put(newUploadKey(), Buffer.from('x'), TEXT)).rejects.toMatchObject({ code });
});

test('a storage that is not there, or that hangs, is unavailable for every call', async () => {
  await using f = await createFixture({ uploadMs: 300, answerMs: 300 });
  const nowhere = createSupabaseStorage({
    url: 'http://127.0.0.1:1',
    secretKey: 'sb_secret_test',
    db: f.database.db,
  });
  f.faults.hang = true;
  for (const storage of [nowhere, f.storage]) {
    const unavailable = { code: 'STORAGE_UNAVAILABLE' };
    await expect(storage.put(newUploadKey(), Buffer.from('x'), TEXT)).rejects.toMatchObject(unavailable);
    await expect(storage.get(newUploadKey())).rejects.toMatchObject(unavailable);
    await expect(storage.delete([newUploadKey()])).rejects.toMatchObject(unavailable);
    await expect(storage.check()).rejects.toMatchObject(unavailable);
  }
});

test('a download is passed on while it arrives, no faster than it is read', async () => {
  await using f = await createFixture();
  const piece = Buffer.alloc(1_000_000, 'x');
  let poured = 0;
  f.faults.pour = async () => (poured++ < 200 ? piece : null);
  const body = await f.storage.get(newUploadKey());
  let size = 0;
  let ahead = 0;
  for await (const chunk of body) {
    size += chunk.length;
    ahead = Math.max(ahead, poured * piece.length - size);
  }
  expect(size).toBe(200 * piece.length);
  // What the sockets and streams on the way hold; the file itself would be 200 MB.
  expect(ahead).toBeLessThan(30_000_000);
});

test('a download that nobody reads any more is given up', async () => {
  await using f = await createFixture();
  f.faults.pour = async () => Buffer.alloc(1_000_000);
  const left = await f.storage.get(newUploadKey());
  for await (const _chunk of left) break;
  await expect(f.closed).resolves.toBeUndefined();
});

test('a download that stalls fails, and does not pass for a whole file', async () => {
  await using f = await createFixture({ idleMs: 300 });
  let pieces = 1;
  f.faults.pour = () => (pieces-- > 0 ? Promise.resolve(Buffer.from('x')) : new Promise(() => {}));
  const stalled = await f.storage.get(newUploadKey());
  await expect(buffer(stalled)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
});

test('the sweep lists files by one read a page, and deletes what nothing knows in batches', async () => {
  await using f = await createFixture();
  const keys = Array.from({ length: 2_130 }, (_, i) =>
    newArtifactKey({ jobId: `job${i % 300}`, attempt: 1, artifactId: `a${i}` }),
  );
  const known = newUploadKey();
  for (const key of [...keys, known]) {
    f.objects.set(`gantry/${key}`, { body: Buffer.from('x'), contentType: undefined });
  }
  await f.database.asOwner(
    `insert into storage.objects (bucket_id, name, created_at)
     select 'gantry', key, now() - interval '2 days' from unnest($1::text[]) key`,
    [[...keys, known]],
  );
  await createUpload(f.database.db, {
    userId: f.database.user.id,
    storageKey: known,
    fileName: 'a.csv',
    contentType: 'text/csv',
    size: 1,
    sha256: 'a'.repeat(64),
    rowCount: 1,
  });
  expect(await sweepStorage(f.database.db, f.storage)).toMatchObject({ uploads: 0, files: 2_130 });
  expect([...f.objects.keys()]).toEqual([`gantry/${known}`]);
  expect(f.requests.length).toBeLessThan(30);
});

test('refuses keys that Gantry would not make', async () => {
  await using f = await createFixture();
  await expect(f.storage.put('../x', Buffer.from('x'), TEXT)).rejects.toThrow('This is no storage key.');
  expect(f.requests).toEqual([]);
});

test('the secret key does not follow an answer that leads elsewhere', async () => {
  await using f = await createFixture();
  f.faults.movedTo = '/elsewhere';
  await expect(f.storage.check()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  await expect(f.storage.get(newUploadKey())).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(f.requests.filter((request) => request.includes('/elsewhere'))).toEqual([]);
});
