import type { NewRowResult } from '@gantry/contract';
import { parse } from 'csv-parse/sync';
import { readSheet as readWorkbook } from 'read-excel-file/node';
import { expect, test } from 'vitest';
import { type DemoPort, type Manners, startDemoPort } from '../src/demo-port/index.ts';
import { createAutomations } from '../src/index.ts';
import { openBrowser, prepareRun, type Run } from './fixture.ts';
import { knownNumbers, unknownNumbers } from './numbers.ts';

const [A = '', B = '', C = ''] = knownNumbers(3);
const [LOST = ''] = unknownNumbers(1);
const WRONG = `${A.slice(0, 10)}${(Number(A[10]) + 1) % 10}`;

type Options = Omit<Parameters<typeof prepareRun>[0], 'automation' | 'page'>;

/** The port, a browser, and attempts at a job that use both. */
async function openPort(o: { manners?: Partial<Manners>; pageTimeoutMs?: number } = {}) {
  await using stack = new AsyncDisposableStack();
  const port = stack.use(await startDemoPort(o.manners ? { manners: o.manners } : {}));
  const [automation] = createAutomations({
    ctgPort: { baseUrl: port.url, pauseMs: 1, pageTimeoutMs: o.pageTimeoutMs ?? 20_000 },
    pageCapture: { allowPrivateOrigins: [] },
  });
  if (!automation) throw new Error('There is no automation.');
  const browser = stack.use(await openBrowser(automation.egress));
  const resources = stack.move();
  return {
    port,
    browser: browser.browser,
    prepare: (options: Options): Promise<Run> => prepareRun({ automation, page: browser.page, ...options }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function list(...numbers: string[]): string {
  return `Container No.\n${numbers.map((number) => `${number}\n`).join('')}`;
}

const searched = (port: DemoPort) => port.searches.map(({ container }) => container);
const outcomes = (rows: NewRowResult[]) =>
  rows.toSorted((a, b) => a.index - b.index).map(({ status, error }) => error?.code ?? status);

test('a list is looked up row by row, and comes back with the answers beside it', async () => {
  await using port = await openPort();
  const spaced = `${B.slice(0, 4).toLowerCase()} ${B.slice(4, 10)}-${B[10]}`;
  const run = await port.prepare({
    file: `Ref;Container No.;Remark\n1;${A};=1+1\n2;${WRONG};\n3;"${spaced}";x\n\n4;${A};again\n5;${LOST};\n`,
  });

  expect((await run.finish()).summary).toEqual({
    total: 5,
    completed: 2,
    failed: 1,
    invalid: 1,
    duplicate: 1,
  });
  expect(searched(port.port)).toEqual([A, B, LOST]);
  expect(run.rows.map(({ index, key, status }) => [index, key, status])).toEqual(
    expect.arrayContaining([
      [0, A, 'completed'],
      [1, WRONG, 'invalid'],
      [2, B, 'completed'],
      [3, A, 'duplicate'],
      [4, LOST, 'failed'],
    ]),
  );
  // What is wrong with the list is said before the port is asked anything.
  expect(run.rows[0]).toMatchObject({ index: 1, status: 'invalid', error: { code: 'CHECK_DIGIT_MISMATCH' } });
  const byIndex = new Map(run.rows.map((row) => [row.index, row]));
  expect(byIndex.get(0)?.data).toMatchObject({
    location: expect.any(String),
    yard: expect.any(String),
    block: expect.any(String),
    timeIn: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
    freightKind: expect.any(String),
  });
  expect(byIndex.get(0)?.data).not.toHaveProperty('offDockName');
  expect(byIndex.get(3)?.data).toEqual(byIndex.get(0)?.data);
  expect(byIndex.get(4)?.error?.code).toBe('CONTAINER_NOT_FOUND');
  expect([...run.files.keys()].toSorted()).toEqual([`line-0007-${LOST}.png`, 'results.csv', 'results.xlsx']);
  expect(run.progress.at(-1)).toEqual({ done: 5, total: 5 });

  const table = parse(Buffer.from(run.files.get('results.csv') ?? []), { bom: true });
  expect(table[0]).toEqual([
    'Ref',
    'Container No.',
    'Remark',
    'Line',
    'Status',
    'Location',
    'Yard',
    'Block',
    'Time in',
    'Time out',
    'Last position',
    'Destination',
    'Off-dock name',
    'Size',
    'Height',
    'Freight kind',
    'Description',
    'Container number at the port',
    'Notice',
    'Other',
    'Problem',
  ]);
  // The line of the user's file: the blank one counts.
  expect(table.map((row) => row[3])).toEqual(['Line', '2', '3', '4', '6', '7']);
  expect(table.map((row) => row[4])).toEqual([
    'Status',
    'completed',
    'invalid',
    'completed',
    'duplicate',
    'failed',
  ]);
  expect(table[1]?.slice(0, 3)).toEqual(['1', A, "'=1+1"]);
  expect(table[3]?.slice(0, 3)).toEqual(['3', spaced, 'x']);
  const workbook = await readWorkbook(Buffer.from(run.files.get('results.xlsx') ?? []));
  expect(workbook.map((row) => row.map((cell) => cell ?? ''))).toEqual(table);
});

test('every request says that it comes from Gantry', async () => {
  await using port = await openPort();
  await (await port.prepare({ file: list(A) })).finish();
  expect(port.port.searches[0]?.userAgent).toContain('Gantry/');
});

test('no tab stays open', async () => {
  await using port = await openPort();
  await (await port.prepare({ file: list(A, LOST, B) })).finish();
  expect(await port.browser.pages()).toHaveLength(1);
});

test('slow answers are waited for', async () => {
  await using port = await openPort({ manners: { slowMs: [200, 400] } });
  const run = await port.prepare({ file: list(A, B) });
  await run.finish();
  expect(outcomes(run.rows)).toEqual(['completed', 'completed']);
});

test('a connection that breaks now and then is tried again', async () => {
  await using port = await openPort({ manners: { resetEvery: 2 } });
  const run = await port.prepare({ file: list(A, B, C) });
  await run.finish();
  expect(outcomes(run.rows)).toEqual(['completed', 'completed', 'completed']);
  // By the automation, or by Chrome itself, which repeats what a kept connection lost.
  expect(port.port.searches.length).toBeGreaterThan(3);
});

const misbehaviours: [string, Partial<Manners>, string][] = [
  ['breaks every connection', { resetEvery: 1 }, 'SITE_UNAVAILABLE'],
  ['is under maintenance', { isUnderMaintenance: true }, 'SITE_MAINTENANCE'],
  ['looks different', { isRedesigned: true }, 'SITE_LAYOUT_CHANGED'],
  ['does not answer', { slowMs: [60_000, 60_000] }, 'SITE_TIMEOUT'],
];
for (const [how, manners, code] of misbehaviours) {
  test(`a row of a port that ${how} fails with ${code} and a picture`, async () => {
    await using port = await openPort({ manners, pageTimeoutMs: code === 'SITE_TIMEOUT' ? 500 : 20_000 });
    const run = await port.prepare({ file: list(A) });
    expect((await run.finish()).summary).toMatchObject({ total: 1, failed: 1 });
    expect(outcomes(run.rows)).toEqual([code]);
    const picture = Buffer.from(run.files.get(`line-0002-${A}.png`) ?? []);
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
  });
}

test('a port that is not there is unavailable for row after row, however short the pauses are', async () => {
  await using port = await openPort();
  await port.port[Symbol.asyncDispose]();
  const few = await port.prepare({ file: list(A, B, C) });
  await few.finish();
  expect(outcomes(few.rows)).toEqual(['SITE_UNAVAILABLE', 'SITE_UNAVAILABLE', 'SITE_UNAVAILABLE']);
  const many = await port.prepare({ file: list(...knownNumbers(7)) });
  await expect(many.finish()).rejects.toMatchObject({ code: 'SITE_UNAVAILABLE', isPermanent: false });
});

test('a port that is down ends the attempt, and the next one does the rows again', async () => {
  await using port = await openPort({ manners: { isUnderMaintenance: true } });
  const numbers = knownNumbers(7);
  const first = await port.prepare({ file: list(...numbers, WRONG) });
  await expect(first.finish()).rejects.toMatchObject({ code: 'SITE_MAINTENANCE', isPermanent: false });
  expect(outcomes(first.rows)).toEqual(['CHECK_DIGIT_MISMATCH']);

  port.port.setManners({ isUnderMaintenance: false });
  const second = await port.prepare({ file: list(...numbers, WRONG), completedRows: first.rows });
  expect((await second.finish()).summary).toMatchObject({ completed: 7, invalid: 1, failed: 0 });
});

test('a port that looks different for row after row ends the job for good', async () => {
  await using port = await openPort({ manners: { isRedesigned: true } });
  const run = await port.prepare({ file: list(...knownNumbers(7)) });
  await expect(run.finish()).rejects.toMatchObject({ code: 'SITE_LAYOUT_CHANGED', isPermanent: true });
});

test('killed at any row, the next attempt goes on there and asks for nothing twice', async () => {
  await using port = await openPort();
  const file = list(A, WRONG, B, A, LOST, C);
  for (let survivors = 0; survivors < 6; survivors++) {
    const before = port.port.searches.length;
    const kept: NewRowResult[] = [];
    const killed = await port.prepare({
      file,
      onRow(row) {
        if (kept.length === survivors) throw new Error('killed');
        kept.push(row);
      },
    });
    await expect(killed.finish()).rejects.toThrow('killed');

    const next = await port.prepare({ file, completedRows: kept });
    expect((await next.finish()).summary).toMatchObject({
      completed: 3,
      failed: 1,
      invalid: 1,
      duplicate: 1,
    });
    expect([...kept, ...next.rows].map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    const table = parse(Buffer.from(next.files.get('results.csv') ?? []), { bom: true });
    expect(table).toHaveLength(7);
    expect(table.every((row) => row[1] !== '')).toBe(true);
    // At most the row whose answer died with the worker is asked for again.
    expect(port.port.searches.length - before).toBeLessThanOrEqual(5);
  }
});

test('an abort ends the run at once, and nothing of it is called a failure of the port', async () => {
  await using port = await openPort();
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const run = await port.prepare({
    file: list(A, B, C),
    signal: abort.signal,
    onRow: () => abort.abort(reason),
  });
  await expect(run.finish()).rejects.toBe(reason);
  expect(outcomes(run.rows)).toEqual(['completed']);
  expect(searched(port.port)).toEqual([A]);
});
