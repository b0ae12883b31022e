import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { html, openSite, openUdpCanary } from './canary.ts';
import { openElsewhere } from './elsewhere.ts';

// What docs/remote-browsers.md says of requests: all of these begin in a page that may reach its own site alone.
const stack = new AsyncDisposableStack();
let canary: Awaited<ReturnType<typeof openSite>>;
let site: Awaited<ReturnType<typeof openSite>>;
let elsewhere: Awaited<ReturnType<typeof openElsewhere>>;
let take: () => ReturnType<typeof elsewhere.take>;

beforeAll(async () => {
  canary = stack.use(await openSite((_, response) => html(response, 'canary')));
  const bad = canary.origin;
  const ask = (what: string) => `fetch('${bad}/${what}', { mode: 'no-cors' })`;
  const scripts: Record<string, string> = {
    '/worker.js': `${ask('worker')}.finally(() => postMessage('done'))`,
    '/nested.js': "new Worker('/worker.js').onmessage = () => postMessage('done')",
    '/import.js': `try { importScripts('${bad}/imported') } catch {} postMessage('done')`,
    '/shared.js': `try { importScripts('${bad}/imported') } catch {}
      onconnect = ({ ports: [port] }) => ${ask('shared')}.finally(() => port.postMessage('done'))`,
    '/service.js': `${ask('service-start')}.catch(() => {});
      onactivate = (event) => event.waitUntil(clients.claim());
      onmessage = ({ source }) => ${ask('service')}.finally(() => source.postMessage('done'));
      onfetch = (event) => event.request.url.endsWith('/by-service') && event.respondWith(${ask('for-page')})`,
  };
  site = stack.use(
    await openSite(({ url = '' }, response) => {
      const script = scripts[url];
      if (script) response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      else if (url === '/hits') response.end(JSON.stringify(asked().length > 0));
      else if (url === '/redirect') response.writeHead(302, { location: `${bad}/redirect` }).end();
      else if (url === '/frame')
        html(response, `<script>${ask('frame')}.finally(() => parent.postMessage('done', '*'))</script>`);
      else html(response, '<h1>site</h1>');
    }),
  );
  const allowPrivateOrigins = [site.origin, site.origin.replace('127.0.0.1', 'localhost')];
  // Frames of other sites in processes of their own, also where there is little memory.
  elsewhere = stack.use(await openElsewhere({ args: ['--site-per-process'] }));
  take = () => elsewhere.take({ egress: { allowPublic: true, allowPrivateOrigins } });
});
afterAll(() => stack.disposeAsync());
beforeEach(() => void canary.hits.splice(0));

/** What the canary was asked for. Full Chrome connects ahead to where a navigation leads, and then asks nothing. */
function asked(): string[] {
  return canary.hits.filter((hit) => hit !== 'connection');
}

/** Runs code in a page of the site, which knows the canary as `bad`, until it says that it is done. */
async function run(code: string): Promise<void> {
  await using session = await take();
  await session.page.goto(site.origin);
  const other = site.origin.replace('127.0.0.1', 'localhost');
  await session.page.evaluate(`(async () => {
    const bad = '${canary.origin}', other = '${other}';
    const heard = (target) => new Promise((resolve) => target.addEventListener('message', resolve));
    const settled = (element) => new Promise((resolve) => {
      for (const name of ['load', 'error', 'open', 'close']) element.addEventListener(name, resolve);
      if (element instanceof Element) document.body.append(element);
    });
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
    ${code}
  })()`);
}

test.for([
  ['fetch', "await fetch(bad, { mode: 'no-cors' }).catch(() => {})"],
  ['a redirect', "await fetch('/redirect', { mode: 'no-cors' }).catch(() => {})"],
  ['a picture', "await settled(make('img', { src: bad }))"],
  ['a prefetch', "await settled(make('link', { rel: 'prefetch', href: bad }))"],
  ['a beacon', "navigator.sendBeacon(bad, 'x'); await fetch('/')"],
  ['events', 'await settled(new EventSource(bad))'],
  ['a frame', "await settled(make('iframe', { src: bad }))"],
  ['a frame of another site', "settled(make('iframe', { src: `${other}/frame` })); await heard(window)"],
  ['a worker', "await heard(new Worker('/worker.js'))"],
  ['a worker of a worker', "await heard(new Worker('/nested.js'))"],
  ['what a worker imports', "await heard(new Worker('/import.js'))"],
  ['a shared worker', "const { port } = new SharedWorker('/shared.js'); port.start(); await heard(port)"],
  [
    'a service worker',
    `await navigator.serviceWorker.register('/service.js');
     const { active } = await navigator.serviceWorker.ready;
     active.postMessage('go');
     await heard(navigator.serviceWorker)`,
  ],
  [
    'a service worker that answers for the site',
    `await navigator.serviceWorker.register('/service.js');
     await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
     await fetch('/by-service').catch(() => {})`,
  ],
] as const)('%s reaches nothing that is refused by name', async ([, code]) => {
  await run(code);
  expect(asked()).toEqual([]);
});

test.for(['/popup', '/redirect'])('a popup that leads to %s reaches nothing either', async (path) => {
  await using session = await take();
  const { browser, page } = session;
  await page.goto(site.origin);
  const opened = browser.waitForTarget((target) => target.opener() === page.target());
  await page.evaluate(
    (url) => void window.open(url),
    path === '/popup' ? `${canary.origin}/popup` : site.origin + path,
  );
  const popup = await (await opened).page();
  await vi.waitFor(() => expect(popup?.url()).toMatch(/^chrome-error:/));
  expect(asked()).toEqual([]);
});

test.for([
  ['a WebSocket', "await settled(new WebSocket(bad.replace('http', 'ws')))"],
  [
    'what a page tells the browser to fetch ahead',
    `const rules = { prefetch: [{ source: 'list', urls: [bad] }] };
     document.head.append(make('script', { type: 'speculationrules', textContent: JSON.stringify(rules) }))`,
  ],
] as const)('not evaluated: %s', async ([, code]) => {
  await run(`${code}; while (!(await fetch('/hits').then((answer) => answer.json()))) {}`);
  expect(asked()).not.toEqual([]);
});

test.for([
  [
    'WebRTC',
    `const connection = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:' + port }] });
     connection.createDataChannel('data');
     await connection.setLocalDescription(await connection.createOffer())`,
  ],
  ['WebTransport', "new WebTransport('https://127.0.0.1:' + port).ready.catch(() => {})"],
] as const)('not evaluated: %s', async ([, code]) => {
  using udp = await openUdpCanary();
  await using session = await take();
  await session.page.goto(site.origin);
  await session.page.evaluate(`(async () => { const port = ${udp.port}; ${code} })()`);
  await vi.waitFor(() => expect(udp.packets()).toBeGreaterThan(0));
});
