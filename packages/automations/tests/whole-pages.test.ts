import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { openPageSite, sizeOf } from './page-site.ts';

const BLUE = '0,0,255';

let site: Awaited<ReturnType<typeof openPageSite>>;
beforeAll(async () => {
  site = await openPageSite();
});
afterEach(async () => {
  expect(await site.browser.pages()).toHaveLength(1);
});
afterAll(() => site[Symbol.asyncDispose]());

test('a page that leads on by itself is followed to where it leads', async () => {
  const paths = [
    '/by-script?ms=0',
    '/by-script?ms=700',
    '/by-script?ms=2000',
    '/says-so',
    '/while-loading',
    '/by-meta?s=0',
    '/by-meta?s=2',
    '/by-header',
    '/by-click',
  ];
  const run = await site.capture(paths);
  expect(run.rows.map(({ data }) => [data['title'], data['finalUrl'], data['note']])).toEqual(
    paths.map(() => ['Landed', `${site.origin}/landed`, undefined]),
  );
  const pictures = paths.map((_, at) => Buffer.from(run.files.get(`page-000${at + 1}.png`) ?? []));
  const [landed] = (await site.capture(['/landed'])).files.values();
  expect(pictures.every((picture) => picture.equals(landed ?? Buffer.alloc(0)))).toBe(true);
});

test('what a page shows by its shadow, by frames or without any script is seen', async () => {
  const paths = ['/shadow', '/closed-shadow', '/boxless-shadow', '/frames', '/sandboxed'];
  const run = await site.capture(paths, ['pdf', 'png']);
  expect(run.rows.map(({ status, data }) => [status, data['note']])).toEqual(
    paths.map(() => ['completed', undefined]),
  );
});

test('a service worker of an earlier page answers for no other', async () => {
  const run = await site.capture(['/leaves-a-worker', '/landed']);
  expect(run.rows.map(({ data }) => data['title'])).toEqual(['Ready', 'Landed']);
});

test('a page that removes its text when it is printed has a picture and no PDF', async () => {
  const both = await site.capture(['/removed'], ['pdf', 'png']);
  expect(both.rows[0]?.data).toMatchObject({ png: 'page-0001.png', note: expect.stringContaining('no PDF') });
  expect(both.files.has('page-0001.pdf')).toBe(false);
  const pdf = await site.capture(['/removed'], ['pdf']);
  expect(pdf.rows[0]?.error?.code).toBe('PAGE_EMPTY');
});

test('a page that renews itself every few seconds is kept as it is', async () => {
  const run = await site.capture(['/renews']);
  expect(run.rows[0]).toMatchObject({ status: 'completed', data: { title: 'Renews' } });
});

test('what comes late, and what comes by scrolling, is in the picture', async () => {
  const run = await site.capture(['/late', '/lazy']);
  expect(await site.colorsAt(run.files.get('page-0001.png'), [50])).toEqual([BLUE]);
  const lazy = run.files.get('page-0002.png');
  expect(sizeOf(lazy)).toEqual([1280, 12_200]);
  // The picture that is loaded when it is near, and the color that is set when it is seen.
  expect(await site.colorsAt(lazy, [-150, -50])).toEqual([BLUE, BLUE]);
});

test('a tall page is kept in several pictures, to its end, or the row says where they end', async () => {
  const run = await site.capture(['/tall?px=45000', '/tall?px=130000']);
  const [tall, taller] = run.rows.map(({ data }) => data);
  expect(tall).toMatchObject({ png: 'page-0001.png', note: 'The page is kept in 3 pictures.' });
  const parts = ['page-0001.png', 'page-0001-2.png', 'page-0001-3.png'].map((name) => run.files.get(name));
  expect(parts.map(sizeOf)).toEqual([
    [1280, 15_000],
    [1280, 15_000],
    [1280, 15_000],
  ]);
  expect(await site.colorsAt(parts[2], [-50, -150])).toEqual([BLUE, '255,255,255']);
  expect(taller?.['note']).toBe(
    'The page is kept in 8 pictures. The pictures end after 120000 of 130000 pixels.',
  );
});

test('a page that hides itself from printers is in the PDF as on the screen', async () => {
  const run = await site.capture(['/screen-only', '/almost-screen-only', '/page'], ['pdf']);
  expect(run.rows.map(({ data }) => data['note'] !== undefined)).toEqual([true, true, false]);
  const page = run.files.get('page-0003.pdf')?.length ?? 0;
  for (const name of ['page-0001.pdf', 'page-0002.pdf']) {
    const pdf = Buffer.from(run.files.get(name) ?? []).toString('latin1');
    // A font with its letters: an empty page has none.
    expect(pdf).toContain('/FontFile');
    expect(pdf.length).toBeGreaterThan(page / 2);
  }
});
