import { createServer, type Server } from 'node:http';

import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';

import { createAutomations } from '../src/index.ts';
import { openBrowser, prepareRun, type Run } from './fixture.ts';

type Options = Omit<Parameters<typeof prepareRun>[0], 'automation' | 'page'>;

/** A site, a browser that may reach it, and attempts at a job that captures it. */
async function openSite() {
  await using stack = new AsyncDisposableStack();
  const site = await listen();
  stack.defer(() => site.close());
  const automation = createAutomations({
    ctgPort: { baseUrl: 'https://port.example/', pauseMs: 0, pageTimeoutMs: 1_000 },
    pageCapture: { allowPrivateOrigins: [site.origin] },
  }).find(({ id }) => id === 'page-capture');
  if (!automation) throw new Error('There is no page capture.');
  const browser = stack.use(
    await openBrowser(automation.egress, async (hostname) => {
      if (hostname === 'inside.example') return [{ address: '10.0.0.1', family: 4 }];
      throw new Error('ENOTFOUND');
    }),
  );
  const resources = stack.move();
  return {
    ...site,
    automation,
    browser: browser.browser,
    prepare: (o: Options): Promise<Run> =>
      prepareRun({ automation, page: browser.page, refusalOf: browser.refusalOf, ...o }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function listen() {
  const userAgents: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '/';
    userAgents.push(request.headers['user-agent'] ?? '');
    if (path === '/broken') {
      request.socket.destroy();
    } else if (path === '/inside') {
      response.writeHead(302, { location: 'http://127.0.0.1:9/secret' }).end();
    } else if (path === '/moved') {
      response.writeHead(302, { location: '/page' }).end();
    } else if (path === '/file') {
      response.writeHead(200, { 'content-type': 'application/zip', 'content-disposition': 'attachment' });
      response.end('PK');
    } else {
      response.writeHead(path === '/gone' ? 404 : 200, { 'content-type': 'text/html' });
      response.end(
        path === '/high'
          ? '<title>High</title><div style="height:60000px">x</div>'
          : '<title>A page</title><meta name="viewport" content="width=device-width"><h1>Hello</h1>',
      );
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The site has no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    userAgents,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Width and height of a PNG, which stand at its beginning. */
function sizeOf(png: Uint8Array | undefined): [width: number, height: number] {
  const bytes = Buffer.from(png ?? []);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test('a page is kept as PDF and picture, with what it is called and where it is', async () => {
  await using site = await openSite();
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
  expect(await site.browser.pages()).toHaveLength(1);
});

test('what is kept, and how it is seen, can be chosen', async () => {
  await using site = await openSite();
  const run = await site.prepare({
    input: { urls: [`${site.origin}/page`], formats: ['png'], viewport: 'phone' },
  });
  await run.finish();
  expect([...run.files.keys()]).toEqual(['page-0001.png', 'results.csv', 'results.xlsx']);
  expect(sizeOf(run.files.get('page-0001.png'))[0]).toBe(390);
});

test('a list and a form are taken together, each address once', async () => {
  await using site = await openSite();
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
  expect(table[0]?.slice(3)).toEqual(['Title', 'Final URL', 'HTTP status', 'PDF', 'Picture', 'Problem']);
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

test('a page without end is kept as far as a picture goes', async () => {
  await using site = await openSite();
  const run = await site.prepare({ input: { urls: [`${site.origin}/high`], formats: ['png'] } });
  await run.finish();
  expect(sizeOf(run.files.get('page-0001.png'))).toEqual([1280, 15_000]);
});

test('pages that cannot be had are said to be so, and the others are kept', async () => {
  await using site = await openSite();
  const { origin } = site;
  const run = await site.prepare({
    input: {
      urls: [
        `${origin}/broken`,
        `${origin}/file`,
        `${origin}/inside`,
        'http://127.0.0.1:1/',
        'http://169.254.169.254/latest/meta-data',
        'http://user:pass@example.com/',
        'http://inside.example/',
        'http://no-such-name.invalid/',
        `${origin}/page`,
      ],
      formats: ['png'],
    },
  });
  await run.finish();
  expect(run.rows.map(({ status, error }) => error?.code ?? status)).toEqual([
    'PAGE_UNAVAILABLE',
    'PAGE_IS_A_FILE',
    'BLOCKED_URL',
    'BLOCKED_URL',
    'BLOCKED_URL',
    'BLOCKED_URL',
    'BLOCKED_URL',
    'PAGE_UNAVAILABLE',
    'completed',
  ]);
  expect([...run.files.keys()]).toEqual(['page-0009.png', 'results.csv', 'results.xlsx']);
});

test('a retry goes on after what is done', async () => {
  await using site = await openSite();
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
  await using site = await openSite();
  const run = await site.prepare({});
  await expect(run.finish()).rejects.toMatchObject({ code: 'NO_PAGES', isPermanent: true });
});

test('addresses that are not of the web, and too many, are refused by the form', async () => {
  await using site = await openSite();
  for (const urls of [['file:///etc/passwd'], ['javascript:alert(1)'], Array(51).fill('http://a.example/')]) {
    const run = await site.prepare({ input: { urls } });
    await expect(run.finish()).rejects.toMatchObject({ code: 'INPUT_INVALID', isPermanent: true });
  }
});

test('the form is described for whoever draws it', async () => {
  await using site = await openSite();
  expect(site.automation.inputSchema).toMatchObject({
    type: 'object',
    properties: {
      urls: { type: 'array', title: 'Web addresses', maxItems: 50 },
      formats: { title: 'Keep as', items: { enum: ['pdf', 'png'] } },
      viewport: { title: 'Seen on a', enum: ['desktop', 'phone'], default: 'desktop' },
    },
  });
});
