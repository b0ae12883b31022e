import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { loadError } from '../src/page-capture/page-problem.ts';
import { openPageSite } from './page-site.ts';

let site: Awaited<ReturnType<typeof openPageSite>>;
beforeAll(async () => {
  site = await openPageSite();
});
afterEach(async () => {
  expect(await site.browser.pages()).toHaveLength(1);
});
afterAll(() => site[Symbol.asyncDispose]());

test('a page that cannot be had is one failed row, which says why, and the next page is kept', async () => {
  const expected: [path: string, code: string, message: RegExp][] = [
    ['/false-gzip', 'PAGE_BROKEN', /damaged or was cut off/],
    ['/hangs-up', 'PAGE_UNAVAILABLE', /closed the connection without an answer/],
    ['/redirects?0', 'PAGE_REDIRECTS', /redirects without end/],
    ['/nothing', 'PAGE_EMPTY', /without a page \(status 204\)/],
    ['/unchanged', 'PAGE_EMPTY', /without a page/],
    ['/empty', 'PAGE_EMPTY', /with an empty page/],
    ['/to-a-script', 'PAGE_EMPTY', /without a page/],
    ['/to-a-local-file', 'PAGE_UNAVAILABLE', /redirects to an address that browsers refuse/],
    ['/sign-in', 'PAGE_NEEDS_SIGN_IN', /user name and a password/],
    ['/pdf', 'PAGE_IS_A_FILE', /a PDF file/],
    ['/zip', 'PAGE_IS_A_FILE', /a file \(application\/zip\)/],
    ['/busy', 'PAGE_UNRESPONSIVE', /so busy that it does not answer/],
    ['/inside', 'BLOCKED_URL', /private network/],
    ['/leads-inside', 'BLOCKED_URL', /private network/],
    ['http://127.0.0.1:1/', 'BLOCKED_URL', /private network/],
    ['http://169.254.169.254/latest/meta-data', 'BLOCKED_URL', /private network/],
    ['http://user:pass@example.com/', 'BLOCKED_URL', /user name or password/],
    ['http://inside.example/', 'BLOCKED_URL', /private network/],
    ['http://no-such-name.invalid/', 'SITE_NOT_FOUND', /No site of this name/],
    ['https://no-such-name.invalid/', 'SITE_NOT_FOUND', /No site of this name/],
  ];
  const run = await site.capture([...expected.map(([path]) => path), '/page']);
  expect(run.rows.map(({ key, error }) => [new URL(key).pathname, error?.code])).toEqual([
    ...expected.map(([path, code]) => [new URL(path, site.origin).pathname, code]),
    ['/page', undefined],
  ]);
  for (const [at, [path, , message]] of expected.entries())
    expect(run.rows[at]?.error?.message, path).toMatch(message);
  expect([...run.files.keys()]).toEqual(['page-0021.png', 'results.csv', 'results.xlsx']);
  const table = parse(Buffer.from(run.files.get('results.csv') ?? []), { bom: true });
  expect(table).toHaveLength(22);
});

test('a page that was cut off, or waits for what never comes, is kept with a note', async () => {
  const paths = ['/half', '/tracked', '/undrawn', '/restless', '/windows', '/page'];
  const run = await site.capture(paths, ['png', 'pdf']);
  expect(run.rows.map(({ status, data }) => [status, data['note'] ?? null])).toEqual([
    ['completed', 'The answer of the site broke off; the page was kept as far as it had come.'],
    ['completed', 'One part of the page did not come: its address does not answer.'],
    ['completed', 'One part of the page did not come: its address does not answer.'],
    ['completed', 'The page did not come to rest; it was kept as it was after a while.'],
    ['completed', null],
    ['completed', null],
  ]);
  expect(run.files.size).toBe(14);
});

test.for([
  ['net::ERR_CERT_AUTHORITY_INVALID', 'CERTIFICATE_INVALID', /self-signed/],
  ['net::ERR_CERT_DATE_INVALID', 'CERTIFICATE_INVALID', /expired/],
  ['net::ERR_CERT_COMMON_NAME_INVALID', 'CERTIFICATE_INVALID', /another name/],
  ['net::ERR_CERT_REVOKED', 'CERTIFICATE_INVALID', /revoked/],
  ['net::ERR_SSL_PROTOCOL_ERROR', 'PAGE_UNAVAILABLE', /no secure connection/],
  ['net::ERR_CONNECTION_REFUSED', 'PAGE_UNAVAILABLE', /No connection/],
] as const)('%s is put into words', ([failure, code, message]) => {
  expect(loadError(failure)).toMatchObject({ code, message: expect.stringMatching(message) });
});
