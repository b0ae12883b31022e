import { TargetType } from 'puppeteer-core';
import { expect, test, vi } from 'vitest';

import { html, openSite } from './canary.ts';
import { openElsewhere } from './elsewhere.ts';

test('each attempt has a context of its own, and its end ends nothing else', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>site</h1>'));
  await using elsewhere = await openElsewhere();
  const egress = { allowPublic: false, allowPrivateOrigins: [site.origin] };
  const one = await elsewhere.take({ egress });
  await using two = await elsewhere.take({ egress });
  for (const { page } of [one, two]) await page.goto(site.origin);
  await one.page.evaluate(() => {
    document.cookie = 'who=one';
    localStorage.setItem('who', 'one');
  });
  expect(await two.page.evaluate(() => document.cookie + localStorage.length)).toBe('0');
  expect(await elsewhere.root.left()).toHaveLength(2);

  await one[Symbol.asyncDispose]();

  expect(one.usage()).toMatchObject({
    isWarm: false,
    closeMs: expect.any(Number),
    cpuMs: null,
    requests: null,
  });
  expect(await two.page.$eval('h1', (h1) => h1.textContent)).toBe('site');
  // The first page of the browser, and that of the other attempt.
  const pages = () => elsewhere.browser.targets().filter((target) => target.type() === TargetType.PAGE);
  await vi.waitFor(() => expect(pages()).toHaveLength(2));
  expect(await elsewhere.root.left()).toHaveLength(1);
});

test('its pages are guarded, and pages of others are left alone', async () => {
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take();
  const popup = session.browser.waitForTarget((target) => target.opener() === session.page.target());
  expect(await session.page.evaluate(() => window.open('about:blank')?.confirm('Really?'))).toBe(false);
  const tab = await (await popup).page();
  await tab?.goto('file:///etc/passwd').catch(() => {});
  await vi.waitFor(async () => {
    expect(tab?.url()).toMatch(/^(about:blank$|chrome-error:)/);
    expect(await tab?.content()).not.toContain('root:');
  }, 10_000);

  const theirs = await elsewhere.browser.newPage();
  const asked = new Promise<string>((resolve) => {
    theirs.on('dialog', (dialog) => {
      resolve(dialog.message());
      void dialog.accept();
    });
  });
  expect(await theirs.evaluate(() => confirm('Theirs?'))).toBe(true);
  expect(await asked).toBe('Theirs?');
});

test('a page that says more than can be dealt with ends its attempt', async () => {
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take();
  const saying = session.page.evaluate(() => {
    const many = Array.from({ length: 1_000 }, () => ({}));
    for (;;) console.log(...many);
  });
  await expect(saying).rejects.toThrow();
  expect(await session.failed).toMatchObject({ code: 'BROWSER_UNRESPONSIVE' });
});

test('nothing is downloaded, no file chosen, and popups are capped', async () => {
  await using site = await openSite(({ url }, response) => {
    if (url === '/') html(response, '<input type="file"><output></output>');
    else response.writeHead(200, { 'content-disposition': 'attachment; filename="canary"' }).end('canary');
  });
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin] },
  });
  const { browser, page } = session;
  const states: string[] = [];
  const root = await browser.target().createCDPSession();
  root.on('Browser.downloadProgress', ({ state }) => void states.push(state));
  await page.goto(site.origin);
  await expect(page.goto(`${site.origin}/file`)).rejects.toThrow('net::ERR_ABORTED');
  expect(states).not.toContain('completed');

  await page.evaluate(() => {
    document.querySelector('input')?.addEventListener('cancel', () => document.body.append('none chosen'));
  });
  await page.click('input');
  await page.waitForFunction("document.body.textContent.includes('none chosen')");

  await page.evaluate(() => {
    for (let i = 0; i < 40; i += 1) window.open('about:blank');
  });
  await vi.waitFor(async () => expect((await browser.pages()).length).toBe(20));
});

test('limits that only the machine of the browser could keep are not kept', async () => {
  await using site = await openSite((_, response) => html(response, 'page'));
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin] },
    maxMemoryBytes: 1,
    maxDiskBytes: 1,
  });
  let hasFailed = false;
  void session.failed.then(() => {
    hasFailed = true;
  });
  await session.page.goto(site.origin);
  await session.page.evaluate('new Promise((resolve) => setTimeout(resolve, 3000))');
  expect(hasFailed).toBe(false);
  expect(elsewhere.warmBrowsers).toBe(0);
});

test('more requests than a job may make are not made, and end it', async () => {
  await using site = await openSite((_, response) => html(response, 'page'));
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin], maxRequests: 2 },
  });
  const urls = [1, 2, 3].map((n) => `${site.origin}/${n}`);
  for (const url of urls.slice(0, 2)) await session.page.goto(url);
  await expect(session.page.goto(urls[2] ?? '')).rejects.toThrow('ERR_BLOCKED_BY_CLIENT');
  expect(await session.failed).toMatchObject({ code: 'BUDGET_EXCEEDED' });
  expect(site.hits).toContain('/2');
  expect(site.hits).not.toContain('/3');
});

test.for(['document', 'worker'])('an answer without end to a %s ends a job with a budget', async (asker) => {
  await using site = await openSite(({ url }, response) => {
    if (url === '/worker.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end('fetch("/endless")');
    else if (url === '/endless') {
      response.writeHead(200, { 'content-type': 'text/html' });
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    } else html(response, asker === 'worker' ? '<script>new Worker("/worker.js")</script>' : 'page');
  });
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin], maxBytes: 5_000_000 },
  });
  await session.page.goto(site.origin);
  if (asker === 'document') session.page.goto(`${site.origin}/endless`).catch(() => {});
  expect(await session.failed).toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('a job that asks nothing of its browser is idle, and one that does is not', async () => {
  await using elsewhere = await openElsewhere();
  const egress = { allowPublic: false, allowPrivateOrigins: [] };
  await using idle = await elsewhere.take({ egress, idleTimeoutMs: 1_500 });
  await using busy = await elsewhere.take({ egress, idleTimeoutMs: 1_500 });
  const over = new AbortController();
  let hasFailed = false;
  void busy.failed.then(() => {
    hasFailed = true;
  });
  const asking = (async () => {
    while (!over.signal.aborted)
      await busy.page.evaluate('new Promise((resolve) => setTimeout(resolve, 100))');
  })();
  expect(await idle.failed).toMatchObject({ code: 'BROWSER_IDLE' });
  over.abort();
  await asking;
  expect(hasFailed).toBe(false);
});

test('what an attempt does to the whole browser it does to its own part', async () => {
  await using elsewhere = await openElsewhere();
  await using one = await elsewhere.take();
  await using two = await elsewhere.take();
  await two.page.setContent('<title>Not for others</title>');
  expect(await one.browser.pages()).toEqual([one.page]);

  const tab = await one.browser.newPage();
  expect(tab.browserContext()).toBe(one.page.browserContext());
  expect(await tab.evaluate(() => confirm('Really?'))).toBe(false);
  await expect(one.browser.createBrowserContext()).rejects.toThrow('one context');
  expect(one.browser.wsEndpoint()).toBe('');

  await one.browser.close();
  expect(await one.failed).toMatchObject({ code: 'BROWSER_CRASHED' });
  expect(await two.page.title()).toBe('Not for others');
  await vi.waitFor(async () => expect(await elsewhere.contexts()).toBe(1));
});

test('what the policy refuses by name is not asked for', async () => {
  await using canary = await openSite((_, response) => html(response, 'canary'));
  await using site = await openSite((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: canary.origin }).end();
    else
      html(
        response,
        `<img src="${canary.origin}/img"><script>fetch("${canary.origin}")</script><h1>site</h1>`,
      );
  });
  await using elsewhere = await openElsewhere();
  await using session = await elsewhere.take({
    egress: { allowPublic: true, allowPrivateOrigins: [site.origin] },
  });
  await session.page.goto(site.origin);
  expect(await session.page.$eval('h1', (h1) => h1.textContent)).toBe('site');
  await expect(session.page.goto(`${site.origin}/redirect`)).rejects.toThrow(/net::ERR_/);
  expect(session.refusalOf(canary.origin)).toMatchObject({ code: 'BLOCKED_URL' });
  await vi.waitFor(() => expect(session.lastRefusal()).toMatchObject({ code: 'BLOCKED_URL' }));
  expect(session.refusalOf(site.origin)).toBeNull();
  expect(canary.hits).toEqual([]);
});

test('a browser that dies, and a page that does, are told', async () => {
  await using elsewhere = await openElsewhere();
  await using one = await elsewhere.take();
  const cdp = await one.page.createCDPSession();
  cdp.send('Page.crash').catch(() => {});
  expect(await one.failed).toMatchObject({ code: 'PAGE_CRASHED' });
  await using two = await elsewhere.take();
  elsewhere.signal('SIGKILL');
  expect(await two.failed).toMatchObject({ code: 'BROWSER_CRASHED' });
});

test('a browser that is frozen is left after a while', async () => {
  await using elsewhere = await openElsewhere();
  const session = await elsewhere.take();
  elsewhere.signal('SIGSTOP');
  await session[Symbol.asyncDispose]();
  expect(session.browser.connected).toBe(false);
  expect(await elsewhere.root.left()).toEqual([]);
});
