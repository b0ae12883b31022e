import { afterAll, beforeAll, expect, test } from 'vitest';

import { readAnswer } from '../src/ctg-port-tracking/read-answer.ts';
import { openBrowser } from './fixture.ts';

let browser: Awaited<ReturnType<typeof openBrowser>>;
beforeAll(async () => {
  browser = await openBrowser({ allowPublic: false, allowPrivateOrigins: [] });
});
afterAll(() => browser[Symbol.asyncDispose]());

async function read(body: string) {
  await browser.page.setContent(`<!DOCTYPE html><body>${body}</body>`);
  return readAnswer(browser.page);
}

const table = (...rows: string[][]) =>
  `<table>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;
const LOCATION = ['Position / Location', ':', 'NCT B-7'];

test('known labels get their names, whatever their case and spaces', async () => {
  const body = table(
    ['position/location', ':', ' NCT&nbsp;\n B-7 '],
    ['TIME  IN', ':', '2026-01-01 10:00'],
    ['Off-Dock Name', ' : ', 'Summit'],
  );
  expect(await read(body)).toEqual({
    found: true,
    data: { location: 'NCT B-7', timeIn: '2026-01-01 10:00', offDockName: 'Summit' },
  });
});

test('empty values and hard spaces are no values', async () => {
  expect(await read(table(LOCATION, ['Time Out', ':', '&nbsp;'], ['Yard', ':', '']))).toEqual({
    found: true,
    data: { location: 'NCT B-7' },
  });
});

test('labels nobody knows are kept as they are, even those that mean something to JavaScript', async () => {
  expect(await read(table(LOCATION, ['Rotation', ':', '26/1'], ['constructor', ':', 'x']))).toEqual({
    found: true,
    data: { location: 'NCT B-7', other: { Rotation: '26/1', constructor: 'x' } },
  });
});

test('a table within a table is read once', async () => {
  const body = `<table><tr><td>Details</td><td>:</td><td>${table(LOCATION, ['Yard', ':', 'NCT'])}</td></tr></table>`;
  expect(await read(body)).toMatchObject({ found: true, data: { location: 'NCT B-7', yard: 'NCT' } });
});

test('a page that repeats the number and knows nothing of it has not found it', async () => {
  const body = `${table(['Container No', ':', 'CSQU3054383'])}<p>Wrong container or not found</p>`;
  expect(await read(body)).toEqual({ found: false });
});

test('other pages are told apart', async () => {
  await expect(read('<h1>Site is under maintenance</h1>')).rejects.toMatchObject({
    code: 'SITE_MAINTENANCE',
  });
  await expect(read('<dl><dt>Where</dt><dd>Here</dd></dl>')).rejects.toMatchObject({
    code: 'SITE_LAYOUT_CHANGED',
  });
  await expect(read('')).rejects.toMatchObject({ code: 'SITE_LAYOUT_CHANGED' });
});
