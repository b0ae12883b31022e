import { afterAll, beforeAll, expect, test } from 'vitest';

import { readPage } from '../src/ctg-port-tracking/read-page.ts';
import { evaluateTab } from '../src/ctg-port-tracking/verdict.ts';
import { openBrowser } from './fixture.ts';

let browser: Awaited<ReturnType<typeof openBrowser>>;
beforeAll(async () => {
  browser = await openBrowser({ allowPublic: false, allowPrivateOrigins: [] });
});
afterAll(() => browser[Symbol.asyncDispose]());

async function read(body: string) {
  await browser.page.setContent(`<!DOCTYPE html><body>${body}</body>`);
  return evaluateTab(await readPage(browser.page), { navigation: null, container: 'CSQU3054383' });
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
    kind: 'answer',
    data: { location: 'NCT B-7', timeIn: '2026-01-01 10:00', offDockName: 'Summit' },
  });
});

test.for(['：', '-'])('“%s” between a label and its value is no value', async (colon) => {
  expect(await read(table(['Position / Location', colon, 'NCT B-7'], ['Yard', colon, 'NCT']))).toEqual({
    kind: 'answer',
    data: { location: 'NCT B-7', yard: 'NCT' },
  });
});

test('what is in a shadow is read', async () => {
  const shadow = (body: string) => `<div><template shadowrootmode="open">${body}</template></div>`;
  await browser.page.goto('about:blank');
  const readShadow = async (body: string) => {
    await browser.page.evaluate((html) => document.body.setHTMLUnsafe(html), shadow(body));
    return evaluateTab(await readPage(browser.page), { navigation: null, container: 'CSQU3054383' });
  };
  expect(await readShadow(table(LOCATION))).toMatchObject({ data: { location: 'NCT B-7' } });
  expect(await readShadow('<p>Wrong container</p>')).toEqual({ kind: 'not-found' });
});

test('empty values and hard spaces are no values', async () => {
  expect(await read(table(LOCATION, ['Time Out', ':', '&nbsp;'], ['Yard', ':', '']))).toEqual({
    kind: 'answer',
    data: { location: 'NCT B-7' },
  });
});

test('labels nobody knows are kept as they are, even those that mean something to JavaScript', async () => {
  expect(await read(table(LOCATION, ['Rotation', ':', '26/1'], ['constructor', ':', 'x']))).toEqual({
    kind: 'answer',
    data: { location: 'NCT B-7', other: { Rotation: '26/1', constructor: 'x' } },
  });
});

test('a table within a table is read once', async () => {
  const body = `<table><tr><td>Details</td><td>:</td><td>${table(LOCATION, ['Yard', ':', 'NCT'])}</td></tr></table>`;
  expect(await read(body)).toMatchObject({ kind: 'answer', data: { location: 'NCT B-7', yard: 'NCT' } });
});

test('a page that repeats the number and knows nothing of it has not found it', async () => {
  const body = `${table(['Container No', ':', 'CSQU3054383'])}<p>Wrong container or not found</p>`;
  expect(await read(body)).toEqual({ kind: 'not-found' });
});

test.for([
  [
    'label and value',
    '<table><tr><th>Position / Location</th><td>NCT B-7</td></tr><tr><th>YARD</th><td>NCT</td></tr></table>',
  ],
  ['a colon after the label', table(['Position / Location :', 'NCT B-7'], ['Yard:', 'NCT'])],
  ['a colon before the value', table(['Position / Location', ': NCT B-7'], ['Yard', '&nbsp;: NCT'])],
  ['all in one cell', table(['POSITION / LOCATION : NCT&nbsp;B-7'], ['Yard:NCT'])],
  ['two in a row', table(['Position / Location', ':', 'NCT B-7', 'Yard', ':', 'NCT'])],
  ['two in a row without colons', table(['Position / Location', 'NCT B-7', 'Yard', 'NCT'])],
  ['labels above values', table(['Position / Location', 'Yard'], ['NCT B-7', 'NCT'])],
  [
    'labels above values, some unknown',
    '<table><thead><tr><th>SL</th><th>Location</th><th>Yard</th></tr></thead><tbody><tr><td>1</td><td>NCT B-7</td><td>NCT</td></tr></tbody></table>',
  ],
  ['a list of terms', '<dl><dt>Location:</dt><dd>NCT B-7</dd><dt>Yard</dt><dd>NCT</dd></dl>'],
  ['lines', '<div><b>Location</b>: NCT B-7<br><b>Yard</b>: NCT</div>'],
] as const)('an answer may be written as %s', async ([, body]) => {
  expect(await read(body)).toMatchObject({ kind: 'answer', data: { location: 'NCT B-7', yard: 'NCT' } });
});

test.for([
  ['<h1>Site is under maintenance</h1>', 'SITE_MAINTENANCE'],
  ['<h1>We will be right back</h1><p>Scheduled downtime</p>', 'SITE_MAINTENANCE'],
  ['<h1>Checking your browser before accessing the site</h1>', 'SITE_CHALLENGE'],
  ['<h1>Pardon Our Interruption</h1><p>Press &amp; Hold to confirm you are a human</p>', 'SITE_CHALLENGE'],
  [
    '<h1>Access Denied</h1>You don\'t have permission to access "http&#58;&#47;&#47;pcs" on this server.<p>Reference #18.2d',
    'SITE_ACCESS_DENIED',
  ],
  ['<h1>Sorry, you have been blocked</h1><p>You are unable to access cpatos.gov.bd', 'SITE_ACCESS_DENIED'],
  ['<h1>403 ERROR</h1>The request could not be satisfied. Request blocked.', 'SITE_ACCESS_DENIED'],
  [
    '<iframe srcdoc="Request unsuccessful. Incapsula incident ID: 877000270-1"></iframe>',
    'SITE_ACCESS_DENIED',
  ],
  ['The requested URL was rejected. Your support ID is: 1874', 'SITE_ACCESS_DENIED'],
  ['<p>Your IP 192.0.2.7 has been blocked', 'SITE_ACCESS_DENIED'],
  ['<div class="g-recaptcha"></div>Submit', 'SITE_CHALLENGE'],
  ['<form><input name="u"><input type="password"></form>', 'SITE_LOGIN_REQUIRED'],
  ['<p>Your session has been expired.</p>', 'SITE_LOGIN_REQUIRED'],
  ['<p>You have been logged out.</p>', 'SITE_LOGIN_REQUIRED'],
  ['<h1>Too Many Requests</h1>', 'SITE_UNAVAILABLE'],
  ['<h1>504 Gateway Time-out</h1>', 'SITE_UNAVAILABLE'],
  ['<dl><dt>Where</dt><dd>Here</dd></dl>', 'SITE_LAYOUT_CHANGED'],
  ['<h1>404 Not Found</h1><p>The requested URL was not found.</p>', 'SITE_LAYOUT_CHANGED'],
  ['<footer>Location: Bandar Bhaban, Chattogram</footer>', 'SITE_LAYOUT_CHANGED'],
  ['', 'SITE_UNAVAILABLE'],
  [table(['Container No', ':', 'MSKU1234565'], LOCATION), 'SITE_WRONG_ANSWER'],
  [`<h2>Result for MSKU 123456-5</h2>${table(LOCATION)}`, 'SITE_WRONG_ANSWER'],
] as const)('%s is %s', async ([body, code]) => {
  expect(await read(body)).toMatchObject({ kind: 'failure', code });
});

test.for([
  'Wrong container number',
  'NO RECORD FOUND!',
  '0 record(s) found',
  'Nothing found',
  'We could not find this container',
  'কন্টেইনার পাওয়া যায়নি',
  'No data available in table',
  'Container does not exist.',
  'Please enter a valid container number',
  'Container No. is invalid',
])('“%s” says that there is no such container', async (text) => {
  expect(await read(`<p>${text}</p>`)).toEqual({ kind: 'not-found' });
});

test.for([
  ['a hidden table', `<div hidden>${table(LOCATION)}</div>`],
  ['a hidden row', `<table><tr><td>Hello</td></tr><tr hidden><td>Location</td><td>NCT</td></tr></table>`],
  ['a hidden list', '<dl hidden><dt>Location</dt><dd>NCT</dd></dl>'],
  ['closed details', `<details><summary>Example</summary>${table(LOCATION)}</details>`],
  ['a menu', table(['<a href="x">Container Location</a>', '<a href="x">Vessel</a>', 'Log out'])],
  ['a link with a neighbor', table(['<a href="x">Location</a>', 'Vessel', 'Log out'])],
  ['a heading', table(['Container Location', 'Port Authority'])],
  ['a footer', `<footer>${table(['Location:', 'Port Road'])}Location: Port Road<br>Size: A4</footer>`],
  ['a title', '<title>Container Location: Port</title><p>Container No: CSQU3054383</p>'],
  ['a form', '<table><tr><td>Yard</td><td><select><option>NCT</option></select></td></tr></table>'],
  ['a hidden frame', `<iframe hidden srcdoc="${table(LOCATION)}"></iframe>`],
] as const)('%s is no answer', async ([, body]) => {
  expect(await read(`<p>Wrong container</p>${body}`)).toEqual({ kind: 'not-found' });
  expect(await read(`<p>Welcome</p>${body}`)).toMatchObject({ code: 'SITE_LAYOUT_CHANGED' });
});

const grid = (...rows: string[][]) =>
  `<table><thead><tr><th>Unit</th><th>Location</th><th>Yard</th></tr></thead>${table(...rows).slice('<table>'.length)}`;

test('of a table with several containers the row of the one that was asked for is read', async () => {
  const other = ['MSKU1234565', 'CCT 1', 'CCT'];
  expect(await read(grid(other, ['CSQU 305438-3', 'NCT B-7', 'NCT']))).toMatchObject({
    data: { location: 'NCT B-7', yard: 'NCT' },
  });
  expect(await read(grid(other))).toMatchObject({ code: 'SITE_WRONG_ANSWER' });
  expect(await read(table(['Unit', ':', 'MSKU1234565'], LOCATION))).toMatchObject({
    code: 'SITE_WRONG_ANSWER',
  });
});

test.for([
  grid().replace('</table>', '<tr><td colspan="3">No data available in table</td></tr></table>'),
  grid(['CSQU3054383', 'N/A', '—']),
  table(['Location', ':', 'Not found'], ['Yard', ':', 'null']),
])('words for nothing are no values: %s', async (body) => {
  expect(await read(body)).toEqual({ kind: 'not-found' });
});

test('a value may be in a field that cannot be changed', async () => {
  const body = '<table><tr><td>Location</td><td>:</td><td><input readonly value="NCT B-7"></td></tr></table>';
  expect(await read(body)).toEqual({ kind: 'answer', data: { location: 'NCT B-7' } });
});

test.for([
  "SQLSTATE[42S02]: Base table or view not found: 1146 Table 'pcs.container' doesn't exist",
  'Fatal error: Uncaught Error: Class "Report" not found in report.php:12',
  "Access denied for user 'pcs'@'localhost' (using password: YES)",
  'ORA-00942: table or view does not exist',
])('“%s” says nothing of a container', async (text) => {
  expect(await read(`<p>${text}</p>`)).toMatchObject({ code: 'SITE_UNAVAILABLE' });
});

test('other containers beside the one that was asked for, and examples, say nothing', async () => {
  for (const text of ['CSQU3054383 after MSKU1234565', 'Example: MSKU1234565'])
    expect(await read(`<p>${text}</p>${table(LOCATION)}`)).toMatchObject({ kind: 'answer' });
});

test('an answer without a value says nothing of the container', async () => {
  expect(await read(table(['Position / Location', ':', '&nbsp;'], ['Yard', ':', '']))).toEqual({
    kind: 'not-found',
  });
});
