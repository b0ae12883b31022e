import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { openPageSite, sizeOf } from './page-site.ts';

let site: Awaited<ReturnType<typeof openPageSite>>;
beforeAll(async () => {
  site = await openPageSite();
});
afterEach(async () => {
  // Of all that was opened nothing is left.
  expect(await site.browser.pages()).toHaveLength(1);
});
afterAll(() => site[Symbol.asyncDispose]());

test('a page is kept as PDF and picture, with what it is called and where it is', async () => {
  const run = await site.prepare({ input: { urls: [`${site.origin}/moved`] } });
  expect((await run.finish()).summary).toMatchObject({ total: 1, completed: 1 });
  expect(run.rows).toEqual([
    {
      index: 0,
      key: `${site.origin}/moved`,
      status: 'completed',
      data: {
        title: 'A page',
        finalUrl: `${site.origin}/page`,
        httpStatus: 200,
        pdf: 'page-0001.pdf',
        png: 'page-0001.png',
      },
      error: null,
    },
  ]);
  expect([...run.files.keys()]).toEqual(['page-0001.png', 'page-0001.pdf', 'results.csv', 'results.xlsx']);
  expect(
    Buffer.from(run.files.get('page-0001.pdf') ?? [])
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  expect(sizeOf(run.files.get('page-0001.png'))[0]).toBe(1280);
  expect(site.userAgents.every((name) => name.includes('Gantry/'))).toBe(true);
});

test('what is kept, and how it is seen, can be chosen', async () => {
  const run = await site.prepare({
    input: { urls: [`${site.origin}/page`], formats: ['png'], viewport: 'phone' },
  });
  await run.finish();
  expect([...run.files.keys()]).toEqual(['page-0001.png', 'results.csv', 'results.xlsx']);
  expect(sizeOf(run.files.get('page-0001.png'))[0]).toBe(390);
});

test('a list and a form are taken together, each address once', async () => {
  const page = `${site.origin}/page`;
  const run = await site.prepare({
    file: `Link\n${page}\njavascript:alert(1)\n${page}\n`,
    input: { urls: [page, `${site.origin}/gone`], formats: ['png'] },
  });
  expect((await run.finish()).summary).toEqual({
    total: 5,
    completed: 2,
    failed: 0,
    invalid: 1,
    duplicate: 2,
  });
  const byIndex = run.rows.toSorted((a, b) => a.index - b.index);
  expect(byIndex.map(({ status }) => status)).toEqual([
    'completed',
    'invalid',
    'duplicate',
    'duplicate',
    'completed',
  ]);
  expect(byIndex[4]?.data).toMatchObject({ httpStatus: 404 });
  const table = parse(Buffer.from(run.files.get('results.csv') ?? []), { bom: true });
  expect(table.map((row) => row[2])).toEqual(['Status', ...byIndex.map(({ status }) => status)]);
  expect(table[0]?.slice(3)).toEqual([
    'Title',
    'Final URL',
    'HTTP status',
    'PDF',
    'Picture',
    'Note',
    'Problem',
  ]);
  // A repeated row names the files of the first.
  expect(table.map((row) => [row[1], row[7]])).toEqual([
    ['Line', 'Picture'],
    ['2', 'line-0002.png'],
    ['3', ''],
    ['4', 'line-0002.png'],
    ['', 'line-0002.png'],
    ['', 'page-0002.png'],
  ]);
});

test('a retry goes on after what is done', async () => {
  const input = { urls: [`${site.origin}/page`, `${site.origin}/gone`], formats: ['png'] };
  const first = await site.prepare({ input });
  await first.finish();
  const requests = site.userAgents.length;
  const again = await site.prepare({ input, completedRows: first.rows });
  expect((await again.finish()).summary).toMatchObject({ total: 2, completed: 2 });
  expect(again.rows).toEqual([]);
  expect(site.userAgents).toHaveLength(requests);
});

test('a job without any address is refused for good', async () => {
  const run = await site.prepare({});
  await expect(run.finish()).rejects.toMatchObject({ code: 'NO_PAGES', isPermanent: true });
});

test('addresses that are not of the web, and too many, are refused by the form', async () => {
  for (const urls of [['file:///etc/passwd'], ['javascript:alert(1)'], Array(51).fill('http://a.example/')]) {
    const run = await site.prepare({ input: { urls } });
    await expect(run.finish()).rejects.toMatchObject({ code: 'INPUT_INVALID', isPermanent: true });
  }
});

test('the form is described for whoever draws it', async () => {
  expect(site.automation.inputSchema).toMatchObject({
    type: 'object',
    properties: {
      urls: { type: 'array', title: 'Web addresses', maxItems: 50 },
      formats: { title: 'Keep as', items: { enum: ['pdf', 'png'] } },
      viewport: { title: 'Seen on a', enum: ['desktop', 'phone'], default: 'desktop' },
    },
  });
});
