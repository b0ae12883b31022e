import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { createDirectoryStorage } from './directory-storage.ts';
import { newArtifactKey, newUploadKey } from './storage-key.ts';

const TEXT = { contentType: 'text/plain' };
const bytes = (text: string) => Buffer.from(text);

async function createFixture() {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-storage-'));
  return {
    directory,
    storage: createDirectoryStorage({ directory: join(directory, 'files') }),
    async names() {
      return (await readdir(join(directory, 'files'), { recursive: true })).toSorted();
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

async function* inParts(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(bytes(part));
}

test('keeps what it is given, counts and hashes it', async () => {
  await using f = await createFixture();
  const key = newUploadKey();
  expect(await f.storage.put(key, inParts('Hel', 'lo'), TEXT)).toEqual({
    size: 5,
    sha256: '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969',
  });
  expect((await buffer(await f.storage.get(key))).toString()).toBe('Hello');
});

test('never overwrites, also when two write at once', async () => {
  await using f = await createFixture();
  const key = newUploadKey();
  const results = await Promise.allSettled([
    f.storage.put(key, inParts('one'), TEXT),
    f.storage.put(key, inParts('two'), TEXT),
  ]);
  expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(f.storage.put(key, bytes('three'), TEXT)).rejects.toMatchObject({
    code: 'STORAGE_KEY_TAKEN',
  });
  expect((await buffer(await f.storage.get(key))).toString()).toMatch(/^(one|two)$/);
});

test('leaves nothing of a file that is too large, or whose source fails', async () => {
  await using f = await createFixture();
  await expect(
    f.storage.put(newUploadKey(), inParts('four', '5'), { ...TEXT, maxBytes: 4 }),
  ).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* inParts('some');
    throw new Error('the client went away');
  }
  await expect(f.storage.put(newUploadKey(), broken(), TEXT)).rejects.toThrow('the client went away');
  expect(await f.names()).toEqual([]);
});

test('takes a file of exactly the limit', async () => {
  await using f = await createFixture();
  expect(await f.storage.put(newUploadKey(), bytes('four'), { ...TEXT, maxBytes: 4 })).toMatchObject({
    size: 4,
  });
});

test.each(['../outside', 'uploads/../../outside', '/etc/passwd', 'uploads//x', 'uploads/.draft-1', 'x', ''])(
  'refuses the key %j',
  async (key) => {
    await using f = await createFixture();
    await expect(f.storage.put(key, bytes('x'), TEXT)).rejects.toThrow('This is no storage key.');
    await expect(f.storage.get(key)).rejects.toThrow('This is no storage key.');
    await expect(f.storage.delete([key])).rejects.toThrow('This is no storage key.');
  },
);

test('says that a file is gone', async () => {
  await using f = await createFixture();
  await expect(f.storage.get(newUploadKey())).rejects.toMatchObject({ code: 'STORAGE_OBJECT_MISSING' });
});

test('deletes files and the directories that they leave empty, and again without complaint', async () => {
  await using f = await createFixture();
  const keys = ['a', 'b'].map((artifactId) => newArtifactKey({ jobId: 'job', attempt: 1, artifactId }));
  for (const key of keys) await f.storage.put(key, bytes('x'), TEXT);
  await f.storage.delete(keys.slice(0, 1));
  expect(await f.names()).toEqual(['jobs', 'jobs/job', 'jobs/job/1', 'jobs/job/1/b']);
  await f.storage.delete(keys);
  expect(await f.names()).toEqual(['jobs']);
});

test('keeps every file while others of the same directory come and go', async () => {
  await using f = await createFixture();
  const kept: string[] = [];
  await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; i < 25; i++) {
        const key = newArtifactKey({ jobId: 'job', attempt: 1, artifactId: `${writer}-${i}` });
        await f.storage.put(key, bytes('x'), TEXT);
        if (i % 5 === 4) kept.push(key);
        else await f.storage.delete([key]);
      }
    }),
  );
  const listed = [];
  for await (const { key } of f.storage.list()) listed.push(key);
  expect(listed.toSorted()).toEqual(kept.toSorted());
});

test('only this user may read', async () => {
  await using f = await createFixture();
  const key = newUploadKey();
  await f.storage.put(key, bytes('x'), TEXT);
  const modeOf = async (path: string) => (await stat(join(f.directory, 'files', path))).mode & 0o777;
  expect(await modeOf(key)).toBe(0o600);
  expect(await modeOf('uploads')).toBe(0o700);
  expect(await modeOf('')).toBe(0o700);
});

test('lists files while they are deleted, and clears away drafts that a crash left long ago', async () => {
  await using f = await createFixture();
  const keys = ['one', 'two', 'three'].map((jobId) => newArtifactKey({ jobId, attempt: 1, artifactId: 'x' }));
  for (const key of keys) await f.storage.put(key, bytes('x'), TEXT);
  const [old, fresh] = ['.draft-old', '.draft-new'].map((name) => join(f.directory, 'files', name));
  for (const path of [old, fresh]) await writeFile(path ?? '', 'x');
  await utimes(old ?? '', new Date(0), new Date(0));
  const listed: string[] = [];
  for await (const { key } of f.storage.list()) {
    listed.push(key);
    await f.storage.delete(keys);
  }
  expect(keys).toEqual(expect.arrayContaining(listed));
  expect(await f.names()).toEqual(['.draft-new', 'jobs']);
});
