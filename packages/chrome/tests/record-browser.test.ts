import { expect, test, vi } from 'vitest';

import { recordBrowser } from '../src/index.ts';
import { html, openSite } from './canary.ts';
import { openSession } from './fixture.ts';
import { harSchema } from './har-schema.ts';

const inTime = () => ({ html: [], secrets: null, signal: AbortSignal.timeout(5_000) });

/** A site, a browser that may go there, and its recording. */
async function open(...[answer]: Parameters<typeof openSite>) {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite(answer));
  const session = stack.use(await openSession({ allowPrivateOrigins: [site.origin] }));
  const recording = await recordBrowser(session.page);
  const resources = stack.move();
  const collect = async (o: Partial<Parameters<typeof recording.collect>[0]> = {}) => {
    const evidence = await recording.collect({ ...inTime(), ...o });
    return { ...evidence, log: harSchema.parse(JSON.parse(evidence.har)).log };
  };
  return { ...session, site, collect, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('the requests of a page are a valid HAR: redirects, failures, and what never came', async () => {
  await using o = await open(({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/page' }).end();
    else if (url === '/page')
      html(response, '<script>fetch("/wrong").then((answer) => answer.text()); fetch("/never")</script>');
    else if (url === '/wrong')
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"why":"so"}');
  });
  await o.page.goto(o.site.origin);
  await vi.waitFor(() => expect(o.site.hits).toContain('/never'));
  const { log, find } = await vi.waitFor(async () => {
    const collected = await o.collect();
    const found = (path: string) => collected.log.entries.find(({ request }) => request.url.endsWith(path));
    expect(found('/wrong')?.response.content.text).toBe('{"why":"so"}');
    return { log: collected.log, find: found };
  });
  expect(
    log.entries.map(({ request, response }) => [new URL(request.url).pathname, response.status]),
  ).toEqual(
    expect.arrayContaining([
      ['/', 302],
      ['/page', 200],
      ['/wrong', 422],
      ['/never', 0],
    ]),
  );
  expect(log.entries[0]?.response.redirectURL).toBe(`${o.site.origin}/page`);
  expect(find('/page')?.response.content.text).toBeUndefined();
  expect(find('/never')?.comment).toBe('There was no answer yet.');
});

test('a popup is recorded from its first request on, and so is what it says', async () => {
  await using o = await open(({ url }, response) => {
    if (url === '/') html(response, '<a href="/popup" target="_blank">open</a>');
    else html(response, '<script>console.warn("from the popup", {a: 1})</script>');
  });
  await o.page.goto(o.site.origin);
  await o.page.click('a');
  await vi.waitFor(async () => expect((await o.collect()).console).toContain('from the popup'));
  const { log, console } = await o.collect();
  expect(console).toMatch(/^\S+Z page 2 warning: from the popup .*a: 1.*\(http:.*\/popup:1\)$/m);
  expect(log.pages.map(({ title }) => new URL(title).pathname)).toEqual(['/', '/popup']);
  expect(log.entries.find(({ request }) => request.url.endsWith('/popup'))?.pageref).toBe('page-2');
});

test('exceptions and refused requests stand in the console', async () => {
  await using o = await open(({ url }, response) => {
    if (url === '/')
      html(response, '<script>setTimeout(() => { throw new Error("broken") })</script><img src="/gone">');
    else response.writeHead(404).end();
  });
  await o.page.goto(o.site.origin);
  await vi.waitFor(async () => {
    const { console } = await o.collect();
    expect(console).toContain('Error: broken');
    expect(console).toMatch(/error: Failed to load resource.*404.*\/gone/);
  });
});

const CANARY = 'canary-7f3a91c2';

test('a secret is in nothing that is kept, wherever it was sent, stored or shown', async () => {
  await using o = await open(({ url = '' }, response) => {
    response.setHeader('set-cookie', `sid=${CANARY}-cookie; HttpOnly`);
    if (url.startsWith('/fail')) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: `wrong: ${CANARY}-form`, refreshToken: `${CANARY}-answer` }));
    } else
      html(
        response,
        `<input type="password" value="${CANARY}-field"><meta name="csrf-token" content="${CANARY}-meta">
         <p>Signed in with ${CANARY}-cookie and ${CANARY}-input x!</p><a href="/x?sig=${CANARY}-link">x</a>`,
      );
  });
  await o.page.goto(`${o.site.origin}/?api_key=${CANARY}-query#access_token=${CANARY}-fragment`);
  await o.page.reload();
  await o.page.evaluate(async (canary) => {
    const headers = { authorization: `Bearer ${canary}-bearer`, 'x-api-key': `${canary}-header` };
    const send = async (init: RequestInit) => (await fetch('/fail', { method: 'POST', ...init })).text();
    await send({ headers, body: new URLSearchParams({ password: `${canary}-form` }) });
    await send({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'joe', login: { secret: `${canary}-json` } }),
    });
    document.cookie = `${canary}-nameless`;
    await send({ body: new URLSearchParams({ p: `${canary}-input x!` }) });
    console.log({ password: `several words ${canary}-words` }, { long: `${canary}-${'y'.repeat(200)}` });
    console.log('password', `${canary} in words`, 'sessionId:', `${canary} apart`);
    console.log(`token=${canary}-said`, `${canary}-form`, { password: `${canary}-object` });
    console.log(`plainly ${canary}-json ${canary}-bearer ${canary}-header ${canary}-query ${canary}-field`);
    document.title = `${canary}-meta`;
  }, CANARY);
  const page = await o.page.content();
  expect(page).toContain(CANARY);

  const evidence = await o.collect({ html: [page], secrets: { portalPassword: `${CANARY}-input x!` } });

  expect(evidence.console).not.toContain('pptr:');
  expect(evidence.console).toContain('plainly REDACTED');
  expect(evidence.log.entries.map(({ response }) => response.status)).toEqual([200, 200, 400, 400, 400]);
  expect(evidence.har).toContain('Bearer REDACTED');
  expect(evidence.har).toContain('wrong: REDACTED');
  expect(evidence.cleanHtml(page)).toContain('Signed in with REDACTED');
  expect(`${evidence.console}${evidence.har}${evidence.cleanHtml(page)}`).not.toContain(CANARY);
});

test('a page that floods the console and the network is kept to the last of both', async () => {
  await using o = await open((_, response) => html(response, 'x'));
  await o.page.goto(o.site.origin);
  await o.page.evaluate(async () => {
    for (let i = 0; i < 3_000; i += 1) console.log(`line ${i} ${'x'.repeat(5_000)}`);
    for (let i = 0; i < 1_200; i += 50)
      await Promise.all(Array.from({ length: 50 }, (_, n) => fetch(`/${i + n}?${'x'.repeat(5_000)}`)));
  });
  let turns = 0;
  const others = setInterval(() => void turns++);
  const { log, console: said, har } = await o.collect();
  clearInterval(others);
  // Of other jobs, while so much is cleaned.
  expect(turns).toBeGreaterThan(1);
  expect(said.split('\n').length).toBeLessThanOrEqual(2_001);
  expect(said).toContain('line 2999');
  expect(said.length).toBeLessThan(5_000_000);
  expect(log.entries.length).toBeLessThanOrEqual(1_000);
  expect(log.entries.at(-1)?.request.url).toContain('/1199?');
  expect(log.comment).toMatch(/^\d+ earlier requests are not kept\.$/);
  expect(har.length).toBeLessThan(20_000_000);
});

test('objects that a page logs are not kept alive by it', async () => {
  await using o = await open((_, response) => html(response, 'x'));
  await o.page.goto(o.site.origin);
  await o.page.evaluate(() => {
    const refs = Array.from({ length: 5_000 }, (_, number) => {
      const object = { number };
      console.log(object);
      return new WeakRef(object);
    });
    Object.assign(window, { countAlive: () => refs.filter((ref) => ref.deref()).length });
  });
  const client = await o.page.createCDPSession();
  // The browser itself remembers a thousand lines.
  await vi.waitFor(async () => {
    await client.send('HeapProfiler.collectGarbage');
    expect(await o.page.evaluate('countAlive()')).toBeLessThan(2_000);
  });
});

test.for([
  ['loops for ever', 'for (;;);'],
  ['asks again and again', 'for (;;) alert("again")'],
] as const)('what a page said and asked for is there also when it %s', async ([, code]) => {
  await using o = await open((_, response) => html(response, '<script>console.log("last words")</script>'));
  await o.page.goto(o.site.origin);
  void o.page.evaluate(code).catch(() => {});
  const { log, console } = await o.collect();
  expect(console).toContain('last words');
  expect(log.entries).toHaveLength(1);
});

test('what a page said and asked for is there also when the browser is gone', async () => {
  await using o = await open((_, response) =>
    response
      .writeHead(500, { 'content-type': 'text/html' })
      .end('<script>console.log("last words")</script>'),
  );
  await o.page.goto(o.site.origin);
  process.kill(o.pid, 'SIGKILL');
  await o.failed;
  const { log, console } = await o.collect();
  expect(console).toContain('last words');
  expect(log.entries[0]?.response.status).toBe(500);
});
