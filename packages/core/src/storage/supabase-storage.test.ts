import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer, json } from 'node:stream/consumers';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { newArtifactKey, newUploadKey } from './storage-key.ts';
import { createSupabaseStorage } from './supabase-storage.ts';

const TEXT = { contentType: 'text/plain' };

/**
 * Speaks the routes of Supabase Storage that are used here, with its way of saying errors: mostly status 400, with
 * what is meant in the body.
 */
async function createFixture() {
  const objects = new Map<string, { body: Buffer; contentType: string | undefined }>();
  const requests: string[] = [];
  const faults: { status?: number } = {};
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
    if (faults.status) {
      request.resume();
      return send(faults.status, { statusCode: String(faults.status), error: 'x', message: 'x' });
    }
    if (path === 'list/gantry') {
      const o = z
        .object({ prefix: z.string(), limit: z.number(), offset: z.number() })
        .parse(await json(request));
      return send(200, list(o.prefix).slice(o.offset, o.offset + o.limit));
    }
    if (request.method === 'DELETE') {
      const { prefixes } = z.object({ prefixes: z.array(z.string()) }).parse(await json(request));
      const gone = prefixes.filter((key) => objects.delete(`gantry/${key}`));
      return send(
        200,
        gone.map((name) => ({ name })),
      );
    }
    const found = objects.get(path);
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

  function list(prefix: string) {
    const start = prefix ? `gantry/${prefix}/` : 'gantry/';
    const names = new Map<string, boolean>();
    for (const key of objects.keys()) {
      if (!key.startsWith(start)) continue;
      const [name = '', ...rest] = key.slice(start.length).split('/');
      names.set(name, rest.length === 0);
    }
    return [...names].toSorted().map(([name, isFile]) => ({
      name,
      id: isFile ? name : null,
      created_at: isFile ? '2030-01-01T00:00:00Z' : null,
    }));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    objects,
    requests,
    faults,
    storage: createSupabaseStorage({ url: `http://127.0.0.1:${port}`, secretKey: 'sb_secret_test' }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
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

test('a storage that is not there is unavailable, for every call', async () => {
  const storage = createSupabaseStorage({ url: 'http://127.0.0.1:1', secretKey: 'sb_secret_test' });
  const unavailable = { code: 'STORAGE_UNAVAILABLE' };
  await expect(storage.put(newUploadKey(), Buffer.from('x'), TEXT)).rejects.toMatchObject(unavailable);
  await expect(storage.get(newUploadKey())).rejects.toMatchObject(unavailable);
  await expect(storage.delete([newUploadKey()])).rejects.toMatchObject(unavailable);
  await expect(storage.list()[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable);
});

test('lists every file through folders and pages, and deletes in batches', async () => {
  await using f = await createFixture();
  const keys = [
    newUploadKey(),
    ...Array.from({ length: 130 }, (_, i) =>
      newArtifactKey({ jobId: 'job', attempt: 1 + (i % 2), artifactId: `a${i}` }),
    ),
    ...Array.from({ length: 120 }, (_, i) =>
      newArtifactKey({ jobId: 'big', attempt: 1, artifactId: `b${i}` }),
    ),
  ];
  for (const key of keys) f.objects.set(`gantry/${key}`, { body: Buffer.from('x'), contentType: undefined });
  const listed = [];
  for await (const { key, createdAt } of f.storage.list()) {
    expect(createdAt).toEqual(new Date('2030-01-01T00:00:00Z'));
    listed.push(key);
  }
  expect(listed.toSorted()).toEqual(keys.toSorted());
  await f.storage.delete(keys);
  expect(f.objects.size).toBe(0);
});

test('refuses keys that Gantry would not make', async () => {
  await using f = await createFixture();
  await expect(f.storage.put('../x', Buffer.from('x'), TEXT)).rejects.toThrow('This is no storage key.');
  expect(f.requests).toEqual([]);
});
