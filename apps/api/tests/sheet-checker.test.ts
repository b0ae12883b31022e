import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { SheetChecker } from '../src/submit/sheet-checker.ts';
import { GOOD_CSV, PORT_FILE } from './fixture.ts';

let checker: SheetChecker;
beforeAll(() => {
  checker = new SheetChecker();
});
afterAll(() => checker[Symbol.asyncDispose]());

const bytes = (text: string) => new TextEncoder().encode(text);

// Takes long to read, and a lot of memory.
const WIDE_SHEET = bytes(`Container\n${`CSQU3054383,${'x,'.repeat(900)}\n`.repeat(2_000)}`);
const WIDE_FILE = { ...PORT_FILE, maxBytes: 20_000_000, maxRows: 2_000 };

describe('the thread that checks sheets', () => {
  test('says what is in a good one', async () => {
    expect(await checker.check(bytes(GOOD_CSV), PORT_FILE)).toEqual({
      format: 'csv',
      counts: { total: 2, valid: 2, invalid: 0, duplicate: 0 },
    });
  });

  test('says what is wrong with a bad one, and where', async () => {
    await expect(checker.check(bytes('Container\nABC\n'), PORT_FILE)).rejects.toMatchObject({
      name: 'SheetError',
      code: 'NO_VALID_ROWS',
      details: { line: 2 },
    });
  });

  test('leaves the server free to do other things while it reads a large one', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { counts } = await checker.check(WIDE_SHEET, WIDE_FILE);
    clearInterval(timer);
    expect(counts.total).toBe(2_000);
    expect(turns).toBeGreaterThan(20);
  });

  test('is replaced when a file takes all its memory', async () => {
    await using greedy = new SheetChecker({ memoryMb: 24 });
    await expect(greedy.check(WIDE_SHEET, WIDE_FILE)).rejects.toMatchObject({
      code: 'FILE_TOO_COMPLEX',
      status: 422,
    });
    expect((await greedy.check(bytes(GOOD_CSV), PORT_FILE)).counts.valid).toBe(2);
  });

  test('is replaced when a file takes too long', async () => {
    await using hasty = new SheetChecker({ timeoutMs: 1 });
    await expect(hasty.check(bytes(GOOD_CSV), PORT_FILE)).rejects.toMatchObject({ code: 'FILE_TOO_COMPLEX' });
  });
});
