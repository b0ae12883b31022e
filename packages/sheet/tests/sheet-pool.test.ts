import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { FileSpec } from '../src/file-spec.ts';
import { SheetPool } from '../src/pool/sheet-pool.ts';

const SPEC: FileSpec = {
  required: true,
  formats: ['csv', 'xlsx'],
  maxBytes: 20_000_000,
  maxRows: 2_000,
  keyColumn: 'container',
  columns: [{ key: 'container', label: 'Container', aliases: [], format: 'iso6346', required: true }],
};
const bytes = (text: string) => new TextEncoder().encode(text);
const GOOD = bytes('Container\nCSQU3054383\nCRSU1274363\n');
const ada = () => ({ user: 'ada', signal: new AbortController().signal });
const bob = () => ({ user: 'bob', signal: new AbortController().signal });

let pool: SheetPool;
beforeAll(() => {
  pool = new SheetPool({ threads: 2 });
});
afterAll(() => pool[Symbol.asyncDispose]());

describe('a pool that reads sheets', () => {
  test('checks a file, and reads its rows when they are wanted', async () => {
    const counts = { total: 2, valid: 2, invalid: 0, duplicate: 0 };
    const checked = await pool.check(GOOD, SPEC, ada());
    expect(checked).toMatchObject({ format: 'csv', headers: ['Container'], counts });
    expect(checked).not.toHaveProperty('rows');
    const sheet = await pool.read(GOOD, SPEC, ada());
    expect(sheet.rows.map(({ key }) => key)).toEqual(['CSQU3054383', 'CRSU1274363']);
  });

  test('says what is wrong with a bad file, and where; a job reads it all the same', async () => {
    const bad = bytes('Container\nABC\n');
    await expect(pool.check(bad, SPEC, ada())).rejects.toMatchObject({
      name: 'SheetError',
      code: 'NO_VALID_ROWS',
      details: { line: 2 },
    });
    expect((await pool.read(bad, SPEC, ada())).counts.invalid).toBe(1);
  });

  test('leaves the process free while it reads a large file', async () => {
    const wide = bytes(`Container\n${`CSQU3054383,${'x,'.repeat(200)}\n`.repeat(2_000)}`);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { counts } = await pool.check(wide, SPEC, ada());
    clearInterval(timer);
    expect(counts.total).toBe(2_000);
    expect(turns).toBeGreaterThan(20);
  });

  test('does not count what the file before has left in the memory of the thread', async () => {
    await using one = new SheetPool({ threads: 1, limits: { memoryBytes: 120_000_000, cpuMs: 60_000 } });
    const wide = bytes(`Container\n${`CSQU3054383,${'abc,'.repeat(380)}\n`.repeat(1_000)}`);
    for (let file = 0; file < 4; file++) {
      expect((await one.check(wide, SPEC, { ...ada(), user: `user ${file}` })).counts.total).toBe(1_000);
    }
  });

  test('gives each caller its own answer', async () => {
    const sizes = Array.from({ length: 40 }, (_, n) => n + 1);
    const totals = sizes.map(async (size) => {
      const file = bytes(`Container\n${'CSQU3054383\n'.repeat(size)}`);
      const user = `user ${size % 7}`;
      return (await pool.check(file, SPEC, { ...ada(), user })).counts.total;
    });
    expect(await Promise.all(totals)).toEqual(sizes);
  });
});

describe('a file that hurts', () => {
  const script = new URL('../src/pool/testing/bad-thread.ts', import.meta.url);
  const TOO_COMPLEX = { name: 'SheetError', code: 'FILE_TOO_COMPLEX' };

  for (const [order, what, limits] of [
    ['loop', 'takes too much processor time', { cpuMs: 100 }],
    ['grow', 'fills the heap of its thread', { memoryBytes: 300_000_000 }],
    ['buffers', 'fills buffers outside of the heap', { memoryBytes: 300_000_000 }],
    ['hang', 'never comes to an end', { totalMs: 100 }],
  ] as const) {
    test(`is refused when it ${what}, and the next file is read`, async () => {
      await using small = new SheetPool({ threads: 1, script, limits });
      await expect(small.read(bytes(order), SPEC, ada())).rejects.toMatchObject(TOO_COMPLEX);
      await using next = new SheetPool({ threads: 1, script });
      expect((await next.read(GOOD, SPEC, bob())).counts.valid).toBe(2);
    });
  }

  test('keeps no other user waiting, and ends with its caller', async () => {
    await using two = new SheetPool({ threads: 2, script });
    const gone = new AbortController();
    const turn = { user: 'ada', signal: gone.signal };
    const channel = new BroadcastChannel('bad-thread');
    const hangs = once(channel, 'message');
    const held = [1, 2, 3].map(() => two.read(bytes('hang'), SPEC, turn));
    await hangs;
    channel.close();
    expect((await two.read(GOOD, SPEC, bob())).counts.valid).toBe(2);
    gone.abort(new Error('the client has gone'));
    for (const result of await Promise.allSettled(held)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'the client has gone' } });
    }
    expect((await two.read(GOOD, SPEC, ada())).counts.valid).toBe(2);
  });

  test('does not end the process when its thread fails after the answer', async () => {
    await using one = new SheetPool({ threads: 1, script });
    await expect(one.read(bytes('fail later'), SPEC, ada())).rejects.toMatchObject({ name: 'SheetError' });
    for (let file = 0; file < 3; file++) {
      expect((await one.read(GOOD, SPEC, ada()).catch(() => null))?.counts.valid ?? 2).toBe(2);
    }
  });
});

test("a file is read under Node's watch mode, whose threads report what they import", async () => {
  const watched = spawn(process.execPath, [
    '--watch',
    fileURLToPath(new URL('../src/pool/testing/read-one.ts', import.meta.url)),
  ]);
  try {
    const lines = createInterface(watched.stdout);
    for await (const line of lines) if (line.startsWith('{')) return expect(JSON.parse(line).valid).toBe(1);
    expect.unreachable('nothing was read');
  } finally {
    watched.kill('SIGKILL');
  }
});
