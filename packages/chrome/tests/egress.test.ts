import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { checkUrl } from '../src/index.ts';
import { createBrowserRoot } from './fixture.ts';

/** A server inside our network: the canary that must not be reached, and the one that was allowed. */
async function serve(
  body: (path: string) => { status?: number; headers?: Record<string, string>; html: string },
) {
  const hits: string[] = [];
  const server: Server = createServer((request, response) => {
    hits.push(request.url ?? '');
    const { status = 200, headers = {}, html } = body(request.url ?? '');
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(html);
  }).listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket) => {
    hits.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, hits, close: () => server.close() };
}

let canary: Awaited<ReturnType<typeof serve>>;
let allowed: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  canary = await serve(() => ({ html: 'canary' }));
  allowed = await serve((path) =>
    path === '/redirect'
      ? { status: 302, headers: { location: `http://127.0.0.1:${canary.port}/redirected` }, html: '' }
      : { html: '<h1>allowed</h1>' },
  );
});
afterAll(() => {
  canary.close();
  allowed.close();
});

test('a page reaches the origin that it may, and nothing else that is private', async () => {
  await using root = await createBrowserRoot();
  const origin = `http://127.0.0.1:${allowed.port}`;
  await using session = await root.launch({
    egress: { allowPublic: true, allowPrivateOrigins: [origin] },
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const { page } = session;
  await page.goto(origin);
  expect(await page.$eval('h1', (h1) => h1.textContent)).toBe('allowed');

  const bad = `127.0.0.1:${canary.port}`;
  await page.evaluate(
    async ({ host, port }) => {
      const url = `http://${host}/`;
      const spellings = [
        url,
        `http://localhost:${port}/`,
        `http://2130706433:${port}/`,
        `http://0x7f.1:${port}/`,
        `http://[::ffff:127.0.0.1]:${port}/`,
      ];
      for (const each of spellings) await fetch(each, { mode: 'no-cors' }).catch(() => {});
      const settled = (element: HTMLElement) =>
        new Promise((resolve) => {
          element.addEventListener('load', resolve);
          element.addEventListener('error', resolve);
          document.body.append(element);
        });
      await settled(Object.assign(document.createElement('img'), { src: `${url}img` }));
      await settled(Object.assign(document.createElement('iframe'), { src: `${url}iframe` }));
      await settled(Object.assign(document.createElement('script'), { src: `${url}script` }));
      await new Promise((resolve) => {
        const socket = new WebSocket(`ws://${host}/socket`);
        socket.addEventListener('error', resolve);
        socket.addEventListener('open', resolve);
      });
      const worker = new Worker(
        URL.createObjectURL(
          new Blob([`fetch('${url}worker', { mode: 'no-cors' }).catch(() => {}).then(() => postMessage(1))`]),
        ),
      );
      await new Promise((resolve) => worker.addEventListener('message', resolve));
    },
    { host: bad, port: canary.port },
  );
  const [popup] = await Promise.all([
    new Promise<void>((resolve) => session.browser.once('targetcreated', () => resolve())),
    page.evaluate((url) => void window.open(url), `http://${bad}/popup`),
  ]);
  expect(popup).toBeUndefined();
  // Answered by the proxy with a refusal, which Chrome shows as a page of status 403.
  for (const url of [`http://${bad}/`, `${origin}/redirect`, `http://resolves-to-loopback.example/`]) {
    const response = await page.goto(url).catch(() => null);
    expect(response?.ok() ?? false).toBe(false);
  }
  for (const url of ['file:///etc/passwd', 'view-source:file:///etc/passwd', 'ftp://127.0.0.1/x']) {
    await expect(page.goto(url)).rejects.toThrow(/net::ERR_/);
    await vi.waitFor(async () => expect(await page.content()).not.toContain('root:'));
  }
  expect(canary.hits).toEqual([]);
});

describe('checkUrl', () => {
  const policy = { allowPublic: true, allowPrivateOrigins: ['http://127.0.0.1:8080'] };
  const refused = [
    'http://127.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http:127.0.0.1',
    'http://①②⑦.⓪.⓪.①',
    'http://127。0。0。1',
    'http://0/',
    'http://0.0.0.0',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::127.0.0.1]',
    'http://[64:ff9b::7f00:1]',
    'http://169.254.169.254',
    'http://0xA9FEA9FE',
    'http://[fd00:ec2::254]',
    'http://100.100.100.200',
    'http://metadata.google.internal',
    'http://10.0.0.1',
    'http://172.16.0.1',
    'http://192.168.1.1',
    'http://100.64.0.1',
    'http://198.18.0.1',
    'http://192.0.0.192',
    'http://224.0.0.1',
    'http://255.255.255.255',
    'http://[fe80::1]',
    'http://localhost',
    'http://LOCALHOST',
    'http://localhost.',
    'http://foo.localhost',
    'http://printer.local',
    'http://db',
    'http://kubernetes.default.svc',
    'file:///etc/passwd',
    'FILE://localhost/',
    'view-source:http://example.com',
    'chrome://version',
    'about:blank',
    'data:text/html,hi',
    'javascript:alert(1)',
    'ftp://example.com',
    'ws://example.com',
    'http://user:pass@example.com',
    'http://example.com@127.0.0.1',
    'http://127.0.0.1#@example.com',
    'http://example.com:22',
    'http://example.com:9222',
    'http://127.0.0.1:8081',
    'no url',
    '',
  ];
  for (const url of refused) {
    test(`refuses ${url || 'nothing'}`, () => {
      expect(() => checkUrl(url, policy)).toThrow(expect.objectContaining({ code: 'BLOCKED_URL' }));
    });
  }
  for (const url of [
    'https://example.com/a?b#c',
    'http://example.com',
    'http://93.184.216.34/',
    'http://127.0.0.1:8080/x',
  ]) {
    test(`allows ${url}`, () => {
      expect(checkUrl(url, policy).href).toBe(new URL(url).href);
    });
  }
  test('keeps a service to the hosts that it declares', () => {
    const declared = { allowPublic: ['example.com'], allowPrivateOrigins: [] };
    expect(checkUrl('https://www.example.com/', declared).hostname).toBe('www.example.com');
    expect(() => checkUrl('https://badexample.com/', declared)).toThrow();
    expect(() => checkUrl('https://example.com/', { ...declared, allowPublic: false })).toThrow();
  });
});
