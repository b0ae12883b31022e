import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { type DownloadLimits, openDownloads, openUploads } from '../src/index.ts';
import { html, openSite } from './canary.ts';
import { openSession } from './fixture.ts';

const attach = (response: ServerResponse, name: string, body?: string | Buffer) => {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
  });
  if (body === undefined) response.write('a beginning');
  else response.end(body);
};

/** Sends as fast as it is read, for ever. */
function sendForEver(response: ServerResponse): void {
  const chunk = Buffer.alloc(100_000);
  const send = () => {
    while (!response.destroyed && response.write(chunk));
    response.once('drain', send);
  };
  send();
}

/** A site, a browser on its first page, and its downloads. */
async function open(limits: DownloadLimits, answer: (url: string, response: ServerResponse) => void) {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite(({ url = '' }, response) => answer(url, response)));
  const session = stack.use(await openSession({ allowPrivateOrigins: [site.origin] }));
  const downloads = await openDownloads(session, limits);
  await session.page.goto(site.origin);
  const resources = stack.move();
  return {
    ...session,
    site,
    receive: (act: () => Promise<unknown>, o: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
      downloads.receive(act, { timeoutMs: 30_000, signal: new AbortController().signal, ...o }),
    /** What lies in the directory. */
    onDisk: () => readdir(join(session.directory, 'downloads')),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const LIMITS = { maxFiles: 3, maxBytes: 1_000_000 };

test('a file comes by a click, by its address, and out of the page itself', async () => {
  await using o = await open(LIMITS, (url, response) => {
    if (url === '/') html(response, '<a href="/file">file</a>');
    else attach(response, 'list.csv', 'a,b');
  });
  const made = 'new Blob(["made here"])';
  const files = [
    await o.receive(() => o.page.click('a')),
    await o.receive(() => o.page.goto(`${o.site.origin}/file`)),
    await o.receive(() =>
      o.page.evaluate(`Object.assign(document.createElement('a'),
        { href: URL.createObjectURL(${made}), download: 'made.txt' }).click()`),
    ),
  ];
  expect(files.map(({ name, size }) => [name, size])).toEqual([
    ['list.csv', 3],
    ['list.csv', 3],
    ['made.txt', 9],
  ]);
  expect(await Promise.all(files.map(({ path }) => readFile(path, 'utf8')))).toEqual([
    'a,b',
    'a,b',
    'made here',
  ]);
});

test.for(['../../x.csv', String.raw`..\..\x.csv`, '/etc/cron.d/x.csv'])(
  'a file that is called %s lies where all lie, under a number',
  async (name) => {
    await using o = await open(LIMITS, (url, response) => {
      if (url === '/') html(response, '<a href="/file">file</a>');
      else attach(response, name, 'a,b');
    });
    const file = await o.receive(() => o.page.click('a'));
    expect(file.name).toMatch(/^[^/\\]*x\.csv$/);
    expect(dirname(file.path)).toBe(join(o.directory, 'downloads'));
    expect(await o.onDisk()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  },
);

test('nothing that begins by itself is taken, before, beside or after what is waited for', async () => {
  await using o = await open(LIMITS, (url, response) => {
    if (url === '/') html(response, '<a href="/file">file</a>');
    else attach(response, `${url}.txt`, url);
  });
  const start = (from: number) =>
    o.page.evaluate((first) => {
      for (let i = first; i < first + 20; i += 1)
        Object.assign(document.createElement('a'), { href: `/${i}`, download: '' }).click();
    }, from);
  await start(100);
  const file = await o.receive(() => start(200));
  await start(300);
  await o.page.reload();
  const last = await o.receive(() => o.page.click('a'));
  expect([file.size, last.name]).toEqual([4, 'file.txt']);
  await expect.poll(() => o.onDisk()).toHaveLength(2);
});

test('a page that starts ten thousand downloads gets one through, and the browser stays well', async () => {
  await using o = await open(LIMITS, (url, response) => {
    if (url === '/') html(response, '<h1>bomb</h1>');
    else attach(response, 'bomb.bin', 'x');
  });
  await o.receive(() =>
    o.page.evaluate(() => {
      for (let i = 0; i < 10_000; i += 1) {
        const frame = document.createElement('iframe');
        frame.src = `/${i}`;
        document.body.append(frame);
      }
    }),
  );
  await expect.poll(() => o.onDisk()).toHaveLength(1);
  await o.page.goto(o.site.origin, { timeout: 200_000 });
  expect(await o.page.$eval('h1', (h1) => h1.textContent)).toBe('bomb');
});

test.for(['with its size', 'without end'])(
  'a bomb %s is cancelled, and nothing of it stays',
  async (kind) => {
    const closed = Promise.withResolvers<void>();
    await using o = await open({ maxFiles: 3, maxBytes: 1_000_000 }, (url, response) => {
      if (url === '/') return html(response, '<a href="/file">file</a>');
      response.once('close', () => closed.resolve());
      response.writeHead(200, {
        'content-disposition': 'attachment; filename="bomb.bin"',
        ...(kind === 'with its size' && { 'content-length': 10_000_000_000 }),
      });
      return sendForEver(response);
    });
    await expect(o.receive(() => o.page.click('a'))).rejects.toMatchObject({ code: 'DOWNLOAD_TOO_LARGE' });
    await closed.promise;
    await expect.poll(() => o.onDisk()).toEqual([]);
  },
);

test('the limits hold for all files together', async () => {
  await using o = await open({ maxFiles: 2, maxBytes: 1_000 }, (url, response) => {
    if (url === '/') html(response, '<a href="/file">file</a>');
    else attach(response, 'file.bin', Buffer.alloc(600));
  });
  const again = () => o.receive(() => o.page.click('a'));
  await again();
  await expect(again()).rejects.toMatchObject({ code: 'DOWNLOAD_TOO_LARGE' });

  await using other = await open({ maxFiles: 1, maxBytes: 1_000_000 }, (url, response) => {
    if (url === '/') html(response, '<a href="/file">file</a>');
    else attach(response, 'file.bin', 'x');
  });
  await other.receive(() => other.page.click('a'));
  await expect(other.receive(() => other.page.click('a'))).rejects.toMatchObject({
    code: 'DOWNLOAD_TOO_MANY',
  });
});

test('waiting ends: when nothing begins, when it never ends, when the action fails, and when the run ends', async () => {
  await using o = await open(LIMITS, (url, response) => {
    if (url === '/') html(response, '<a href="/file">file</a><b>no link</b>');
    else attach(response, 'slow.bin');
  });
  await expect(o.receive(() => o.page.click('b'), { timeoutMs: 1_500 })).rejects.toMatchObject({
    code: 'DOWNLOAD_TIMEOUT',
    message: 'No download began within 1.5 seconds.',
  });
  await expect(o.receive(() => o.page.click('a'), { timeoutMs: 6_000 })).rejects.toMatchObject({
    code: 'DOWNLOAD_TIMEOUT',
    message: 'The download took longer than 6 seconds.',
  });
  await expect(o.receive(() => o.page.click('#no-such-thing'))).rejects.toThrow('no-such-thing');
  const ending = new AbortController();
  const waiting = o.receive(() => o.page.click('a'), { signal: ending.signal });
  ending.abort(new Error('the run ends'));
  await expect(waiting).rejects.toThrow('the run ends');
  expect(await o.onDisk()).toEqual([]);
});

test('a page is given bytes under a name, and nothing else of the machine', async () => {
  await using o = await open(LIMITS, (_, response) => html(response, '<input type="file"><input id="text">'));
  const uploads = openUploads(o, { maxBytes: 100 });
  const find = async (selector: string) => {
    const field = await o.page.$(selector);
    if (!field) throw new Error('The field is missing.');
    return field;
  };
  const field = await find('input[type=file]');
  await uploads.give(field, { name: '../../etc/list.csv', body: Buffer.from('a,b') });
  const seen = await o.page.$eval('input[type=file]', async (input) => {
    const [file] = input.files ?? [];
    return [file?.name, await file?.text(), input.value];
  });
  expect(seen).toEqual(['list.csv', 'a,b', String.raw`C:\fakepath\list.csv`]);
  await expect(uploads.give(await find('#text'), { name: 'a', body: Buffer.from('a') })).rejects.toThrow();
  const large = uploads.give(field, { name: 'a', body: Buffer.alloc(100) });
  await expect(large).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' });
  // What was refused was not given.
  await uploads.give(field, { name: 'a', body: Buffer.alloc(50) });
});
