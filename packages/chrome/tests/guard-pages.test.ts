import { readdir } from 'node:fs/promises';

import { expect, test, vi } from 'vitest';

import { html, openSite } from './canary.ts';
import { openSession } from './fixture.ts';

test.for([
  'file:///etc/passwd',
  'FILE://localhost/etc/passwd',
  'view-source:file:///etc/passwd',
  'chrome://version',
  'devtools://devtools/bundled/inspector.html',
  'ftp://127.0.0.1/',
])('%s is never shown, on the first page, a new one or a popup', async (url) => {
  await using session = await openSession();
  const { browser, page } = session;
  await page.goto(url).catch(() => {});

  // At once, before anything that watches from outside could have caught up.
  const fresh = await browser.newPage();
  await fresh.goto(url).catch(() => {});

  const opener = await browser.newPage();
  const opened = browser.waitForTarget((target) => target.opener() === opener.target());
  await opener.evaluate(() => void window.open('about:blank'));
  const popup = await (await opened).page();
  await popup?.goto(url).catch(() => {});

  for (const each of [page, fresh, popup]) {
    await vi.waitFor(async () => {
      expect(each?.url()).toMatch(/^(about:blank$|chrome-error:)/);
      expect(await each?.content()).not.toContain('root:');
    });
  }
});

test('a page of the web can embed and open no file', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>site</h1>'));
  await using session = await openSession({ allowPrivateOrigins: [site.origin] });
  const { page, browser } = session;
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.goto(site.origin);
  const fetched = await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('iframe'), { src: 'file:///etc/passwd' }));
    window.open('file:///etc/passwd');
    location.href = 'file:///etc/passwd';
    return fetch('file:///etc/passwd').then(
      () => 'reached',
      () => 'refused',
    );
  });
  expect(fetched).toBe('refused');
  const refusals = () => said.filter((text) => text.startsWith('Not allowed to load local resource'));
  await vi.waitFor(() => expect(refusals().length).toBeGreaterThanOrEqual(3));
  expect(await browser.pages()).toEqual([page]);
  expect(page.frames().map((frame) => frame.url())).not.toContain('file:///etc/passwd');
  expect(await page.$eval('h1', (h1) => h1.textContent)).toBe('site');
});

test('dialogs hold no page up, be it the first or a popup', async () => {
  await using session = await openSession();
  const { browser, page } = session;
  expect(await page.evaluate(() => [confirm('Really?'), prompt('Name?')])).toEqual([false, null]);
  expect(
    await page.evaluate(() => {
      const popup = window.open('about:blank');
      return popup?.confirm('Really?');
    }),
  ).toBe(false);
  expect((await browser.pages()).length).toBe(2);
});

test('a page that asks whether to leave it is left', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>site</h1>'));
  await using session = await openSession({ allowPrivateOrigins: [site.origin] });
  const { page } = session;
  await page.goto(site.origin);
  await page.evaluate(() => window.addEventListener('beforeunload', (event) => event.preventDefault()));
  // Chrome asks only for pages that somebody has touched.
  await page.click('h1');
  expect((await page.goto(`${site.origin}/next`))?.ok()).toBe(true);
});

test('a page gets no permission, and no answer that it would wait for', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>site</h1>'));
  await using session = await openSession({ allowPrivateOrigins: [site.origin] });
  await session.page.goto(site.origin);
  const answers = await session.page.evaluate(async () => ({
    notifications: await Notification.requestPermission(),
    position: await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        () => resolve('refused'),
      ),
    ),
    camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'granted',
      () => 'refused',
    ),
    clipboard: await navigator.clipboard.readText().then(
      () => 'granted',
      () => 'refused',
    ),
  }));
  expect(answers).toMatchObject({ position: 'refused', camera: 'refused', clipboard: 'refused' });
  expect(answers.notifications).not.toBe('granted');
});

test('a page that asks for a file is told that none was chosen', async () => {
  await using session = await openSession();
  const { page } = session;
  await page.setContent('<input type="file"><output></output>');
  await page.evaluate(() => {
    const note = ({ type }: Event) => document.querySelector('output')?.append(type);
    for (const type of ['cancel', 'change']) document.querySelector('input')?.addEventListener(type, note);
  });
  await page.click('input');
  await vi.waitFor(async () => expect(await page.$eval('output', (o) => o.textContent)).toBe('cancel'));
});

test('nothing is downloaded', async () => {
  await using site = await openSite((request, response) => {
    if (request.url === '/') html(response, '<a href="/file" download>file</a>');
    else {
      const disposition = 'attachment; filename="../../canary.desktop"';
      response.writeHead(200, { 'content-disposition': disposition }).end('canary');
    }
  });
  await using session = await openSession({ allowPrivateOrigins: [site.origin] });
  await session.page.goto(site.origin);
  await session.page.click('a');
  await vi.waitFor(() => expect(site.hits).toContain('/file'));
  await expect(session.page.goto(`${site.origin}/file`)).rejects.toThrow('net::ERR_ABORTED');
  const files = await readdir(session.rootDir, { recursive: true });
  expect(files.filter((file) => /canary|file$|crdownload/i.test(file))).toEqual([]);
});

test('a page that opens window after window is kept to twenty', async () => {
  await using session = await openSession();
  const { browser, page } = session;
  await page.evaluate(() => {
    for (let i = 0; i < 40; i += 1) window.open('about:blank');
  });
  await vi.waitFor(async () => expect((await browser.pages()).length).toBe(20));
  expect(page.isClosed()).toBe(false);
  expect(await page.evaluate(() => 1 + 1)).toBe(2);

  // Room again, once some have closed.
  const [, second] = await browser.pages();
  await second?.close();
  const another = await browser.newPage();
  expect(await another.evaluate(() => 1 + 1)).toBe(2);
});
