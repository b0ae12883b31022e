import { expect, test, vi } from 'vitest';

import { html, openFlood, openMulticastCanary, openSite, openUdpCanary } from './canary.ts';
import { openSession } from './fixture.ts';

test('a page reaches the origin that it may, and nothing else that is private', async () => {
  await using canary = await openSite((_, response) => html(response, 'canary'));
  await using allowed = await openSite((request, response) => {
    const target = `${canary.origin}${request.url}`;
    if (request.url?.startsWith('/redirect')) response.writeHead(302, { location: target }).end();
    else if (request.url === '/refresh') {
      html(response, `<meta http-equiv="refresh" content="0;url=${target}"><script src="/done"></script>`);
    } else if (request.url === '/service-worker.js') {
      const code = `self.addEventListener('message', async ({ data, source }) => {
        source.postMessage(await fetch(data, { mode: 'no-cors' }).then(() => 'reached', () => 'refused'));
      })`;
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code);
    } else html(response, '<h1>allowed</h1>');
  });
  await using session = await openSession(
    { allowPublic: true, allowPrivateOrigins: [allowed.origin] },
    {
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    },
  );
  const { page, browser } = session;
  await page.goto(allowed.origin);
  expect(await page.$eval('h1', (h1) => h1.textContent)).toBe('allowed');

  const outcomes = await page.evaluate(
    async ({ host, port }) => {
      const tell = (promise: Promise<unknown>) =>
        promise.then(
          () => 'reached',
          () => 'refused',
        );
      const settled = (element: HTMLElement) =>
        tell(
          new Promise((resolve, reject) => {
            element.addEventListener('load', resolve);
            element.addEventListener('error', reject);
            document.head.append(element);
          }),
        );
      const make = <T extends keyof HTMLElementTagNameMap>(
        tag: T,
        properties: Partial<HTMLElementTagNameMap[T]>,
      ) => settled(Object.assign(document.createElement(tag), properties));
      const opened = (socket: EventTarget) =>
        tell(
          new Promise((resolve, reject) => {
            socket.addEventListener('open', resolve);
            socket.addEventListener('error', reject);
          }),
        );
      const url = `http://${host}/`;
      const code = `fetch('${url}worker', { mode: 'no-cors' }).then(() => 'reached', () => 'refused').then(postMessage)`;
      await navigator.serviceWorker.register('/service-worker.js');
      const service = (await navigator.serviceWorker.ready).active;
      const answer = (target: EventTarget) =>
        new Promise((resolve) => {
          target.addEventListener('message', (event) => {
            if (event instanceof MessageEvent) resolve(event.data);
          });
        });
      const fromWorker = answer(new Worker(URL.createObjectURL(new Blob([code]))));
      const fromService = answer(navigator.serviceWorker);
      navigator.serviceWorker.startMessages();
      service?.postMessage(`${url}service-worker`, []);
      const spellings = [
        `localhost:${port}`,
        `LOCALHOST.:${port}`,
        `2130706433:${port}`,
        `0x7f.1:${port}`,
        `0177.0.0.1:${port}`,
        `0.0.0.0:${port}`,
        `[::1]:${port}`,
        `[::ffff:127.0.0.1]:${port}`,
        `resolves-to-loopback.example:${port}`,
        'resolves-to-loopback.example',
      ];
      return {
        spellings: await Promise.all(
          [host, ...spellings].map((each) => tell(fetch(`http://${each}/fetch`, { mode: 'no-cors' }))),
        ),
        tls: await tell(fetch(`https://${host}/`, { mode: 'no-cors' })),
        redirect: await tell(fetch('/redirect', { mode: 'no-cors' })),
        img: await make('img', { src: `${url}img` }),
        script: await make('script', { src: `${url}script` }),
        style: await make('link', { rel: 'stylesheet', href: `${url}style` }),
        prefetch: await make('link', { rel: 'prefetch', href: `${url}prefetch` }),
        socket: await opened(new WebSocket(`ws://${host}/socket`)),
        events: await opened(new EventSource(`${url}events`)),
        beacon: navigator.sendBeacon(`${url}beacon`, 'x') ? 'refused' : 'not sent',
        worker: await fromWorker,
        serviceWorker: await fromService,
      };
    },
    { host: `127.0.0.1:${canary.port}`, port: canary.port },
  );
  const { spellings, ...others } = outcomes;
  expect(spellings).toEqual(Array.from({ length: 11 }, () => 'refused'));
  expect(new Set(Object.values(others))).toEqual(new Set(['refused']));

  // What opens a page of its own: it must have come to its end before the hits are counted.
  const popup = browser.waitForTarget((target) => target.opener() === page.target());
  await page.evaluate((url) => void window.open(url), `${canary.origin}/popup`);
  const popupPage = await (await popup).page();
  await vi.waitFor(() => expect(popupPage?.url()).toMatch(/^chrome-error:/));
  await page.evaluate((src) => {
    document.body.append(Object.assign(document.createElement('iframe'), { src }));
  }, `${canary.origin}/iframe`);
  await vi.waitFor(() => expect(page.frames()[1]?.url()).toMatch(/^chrome-error:/));
  await page.goto(`${allowed.origin}/refresh`);
  await vi.waitFor(() => expect(page.url()).toMatch(/^chrome-error:/));
  for (const url of [
    `${canary.origin}/direct`,
    `${allowed.origin}/redirect`,
    'http://resolves-to-loopback.example/',
    'https://resolves-to-loopback.example/',
  ]) {
    await expect(page.goto(url), url).rejects.toThrow(/net::ERR_/);
  }
  expect(canary.hits).toEqual([]);

  // The refusals have not shut the browser off from what it may reach.
  expect((await page.goto(allowed.origin))?.ok()).toBe(true);
});

test('what a page asks for in passing reaches no more: hints, forms, media, modules, pings, relays', async () => {
  await using canary = await openSite((_, response) => html(response, 'canary'));
  await using allowed = await openSite((request, response) => {
    const bad = `${canary.origin}${request.url}`;
    if (request.url === '/import.css') {
      response
        .writeHead(200, { 'content-type': 'text/css' })
        .end(`@import url(${bad}); p { background: url(${bad}) }`);
    } else html(response, '<p>text</p>');
  });
  await using session = await openSession({ allowPublic: true, allowPrivateOrigins: [allowed.origin] });
  const { page } = session;
  await page.goto(allowed.origin);
  await page.evaluate(
    async ({ bad, host }) => {
      const settled = (element: HTMLElement) =>
        new Promise((resolve) => {
          element.addEventListener('error', resolve);
          element.addEventListener('load', resolve);
          document.body.append(element);
        });
      const make = (tag: string, attributes: Record<string, string>, text = '') => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        element.textContent = text;
        return element;
      };
      const speculation = { prefetch: [{ source: 'list', urls: [`${bad}/speculated`] }], prerender: [] };
      document.body.append(
        make('link', { rel: 'preconnect', href: bad }),
        make('link', { rel: 'dns-prefetch', href: bad }),
        make('script', { type: 'speculationrules' }, JSON.stringify(speculation)),
        make('iframe', { name: 'answer' }),
        make('form', { action: `${bad}/form`, method: 'post', target: 'answer', id: 'form' }),
        make('a', { href: '#here', ping: `${bad}/ping`, id: 'link' }, 'link'),
      );
      document.querySelector<HTMLFormElement>('#form')?.submit();
      document.querySelector<HTMLElement>('#link')?.click();
      await Promise.all([
        settled(make('link', { rel: 'stylesheet', href: '/import.css' })),
        settled(make('link', { rel: 'modulepreload', href: `${bad}/module.js` })),
        settled(make('video', { src: `${bad}/video` })),
        settled(make('object', { data: `${bad}/object` })),
        settled(make('script', { type: 'module', src: `${bad}/module.js` })),
        new FontFace('far', `url(${bad}/font)`).load().catch(() => {}),
        fetch(`${bad}/keepalive`, { mode: 'no-cors', keepalive: true }).catch(() => {}),
        new Promise((resolve) => {
          new SharedWorker(`data:,importScripts('${bad}/shared')`).addEventListener('error', resolve);
        }),
      ]);
      const connection = new RTCPeerConnection({
        iceServers: [{ urls: `turn:${host}?transport=tcp`, username: 'a', credential: 'a' }],
        iceTransportPolicy: 'relay',
      });
      connection.createDataChannel('data');
      await connection.setLocalDescription(await connection.createOffer());
      await new Promise<void>((resolve) => {
        const look = () => connection.iceGatheringState === 'complete' && resolve();
        connection.addEventListener('icegatheringstatechange', look);
        look();
      });
    },
    { bad: canary.origin, host: canary.origin.replace('http://', '') },
  );
  await page.goto(`view-source:${canary.origin}/source`).catch(() => {});
  expect(canary.hits).toEqual([]);
  expect(session.refusalOf(canary.origin)).toMatchObject({ code: 'BLOCKED_URL' });
});

test('what was refused can be told from what was not there', async () => {
  await using session = await openSession(
    { allowPublic: ['example.com'] },
    {
      resolve: async (hostname) => {
        if (hostname === 'missing.example.com') throw new Error('ENOTFOUND');
        return [{ address: '10.0.0.1', family: 4 }];
      },
    },
  );
  for (const url of [
    'http://inside.example.com/',
    'https://inside.example.com/',
    'http://169.254.169.254/',
  ]) {
    await expect(session.page.goto(url), url).rejects.toThrow(/net::ERR_/);
    expect(session.refusalOf(url)).toMatchObject({ code: 'BLOCKED_URL' });
  }
  await expect(session.page.goto('http://missing.example.com/')).rejects.toThrow(/net::ERR_/);
  expect(session.refusalOf('http://missing.example.com/')).toMatchObject({ code: 'SITE_NOT_FOUND' });
  for (const url of ['no url', 'about:blank', 'https://www.example.com/'])
    expect(session.refusalOf(url)).toBeNull();
});

test('where a page led that could not be opened is known, and whether it was refused', async () => {
  await using secret = await openSite((_, response) => html(response, 'secret'));
  await using site = await openSite((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: secret.origin }).end();
    else request.socket.destroy();
  });
  await using session = await openSession({ allowPublic: true, allowPrivateOrigins: [site.origin] });
  const { browser, page } = session;
  expect(session.lastRefusal()).toBeNull();
  const tab = await browser.newPage();
  await expect(tab.goto(`${site.origin}/redirect`)).rejects.toThrow(/net::ERR_/);
  await vi.waitFor(() => expect(session.lastRefusal()).toMatchObject({ code: 'BLOCKED_URL' }));
  await expect(page.goto(`${site.origin}/broken`)).rejects.toThrow(/net::ERR_/);
  await vi.waitFor(() => expect(session.lastRefusal()).toBeNull());
  expect(secret.hits).toEqual([]);
});

test('a name is resolved once for a connection, and connected to as it was evaluated', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>here</h1>'));
  const asked: string[] = [];
  await using session = await openSession(
    { allowPrivateOrigins: [`http://pinned.example:${site.port}`] },
    {
      resolve: async (hostname) => {
        asked.push(hostname);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    },
  );
  // No such name exists: only the address that was evaluated leads there.
  await session.page.setContent(`<iframe src="http://pinned.example:${site.port}/"></iframe>`);
  await vi.waitFor(() => expect(site.hits).toContain('/'));
  expect(asked.length).toBe(site.hits.filter((hit) => hit === 'connection').length);
  expect(new Set(asked)).toEqual(new Set(['pinned.example']));
});

test('a site that does not answer is a failure, not an answer of the proxy', async () => {
  const gone = await openSite((_, response) => html(response, 'gone'));
  await gone[Symbol.asyncDispose]();
  await using mute = await openSite((request) => request.socket.destroy());
  await using broken = await openSite((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': '1000' }).write('<h1>half');
    request.socket.destroySoon();
  });
  await using loop = await openSite((_, response) => response.writeHead(302, { location: '/' }).end());
  await using session = await openSession({
    allowPrivateOrigins: [gone.origin, mute.origin, broken.origin, loop.origin],
  });
  await expect(session.page.goto(gone.origin)).rejects.toThrow(/net::ERR_/);
  await expect(session.page.goto(mute.origin)).rejects.toThrow(/net::ERR_/);
  await expect(session.page.goto(loop.origin)).rejects.toThrow('net::ERR_TOO_MANY_REDIRECTS');
  await expect(session.page.goto(broken.origin).then((response) => response?.text())).rejects.toThrow();
});

test('no packet leaves around the proxy: WebRTC and WebTransport are shut', async () => {
  using canary = await openUdpCanary();
  await using site = await openSite((_, response) => html(response, 'page'));
  await using session = await openSession({ allowPublic: true, allowPrivateOrigins: [site.origin] });
  await session.page.goto(site.origin);
  const seen = await session.page.evaluate(async (port) => {
    const candidates: string[] = [];
    const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate) candidates.push(candidate.candidate);
    });
    const gathered = new Promise<void>((resolve) => {
      connection.addEventListener('icegatheringstatechange', () => {
        if (connection.iceGatheringState === 'complete') resolve();
      });
    });
    connection.createDataChannel('data');
    await connection.setLocalDescription(await connection.createOffer());
    await gathered;
    const transport = new WebTransport(`https://127.0.0.1:${port}/`);
    transport.closed.catch(() => {});
    const ready = await transport.ready.then(
      () => true,
      () => false,
    );
    return { candidates, ready };
  }, canary.port);
  expect(seen).toEqual({ candidates: [], ready: false });
  expect(canary.packets()).toBe(0);
});

test('a relay that a page names is not looked for in the local network', async () => {
  using multicast = await openMulticastCanary();
  await using site = await openSite((_, response) => html(response, 'page'));
  await using session = await openSession({ allowPublic: true, allowPrivateOrigins: [site.origin] });
  await session.page.goto(site.origin);
  await session.page.evaluate(async () => {
    const urls = 'turn:deadbeef-1234-4abc-8def-aaaaaaaaaaaa.local:80?transport=tcp';
    const connection = new RTCPeerConnection({
      iceServers: [{ urls, username: 'a', credential: 'a' }],
      iceTransportPolicy: 'relay',
    });
    connection.createDataChannel('data');
    await connection.setLocalDescription(await connection.createOffer());
    await new Promise<void>((resolve) => {
      const look = () => connection.iceGatheringState === 'complete' && resolve();
      connection.addEventListener('icegatheringstatechange', look);
      look();
    });
  });
  expect(multicast.packets()).toBe(0);
});

test.for([
  ['requests', { maxRequests: 3 }],
  ['bytes', { maxBytes: 3_000_000 }],
] as const)(
  'a job that uses up its budget of %s is told so, and nothing passes any more',
  async ([, budget]) => {
    await using site = await openSite((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(Buffer.alloc(1_000_000, ' '));
    });
    await using session = await openSession({ allowPrivateOrigins: [site.origin], ...budget });
    const load = (): Promise<never> => session.page.goto(site.origin).then(() => load());
    await expect(load()).rejects.toThrow(/net::ERR_/);
    expect(await session.failed).toMatchObject({ name: 'ChromeError', code: 'BUDGET_EXCEEDED' });
    const { requests, bytesReceived } = session.usage();
    expect(requests).toBeGreaterThan(2);
    expect(bytesReceived).toBeGreaterThan(1_000_000);

    const before = site.hits.length;
    await expect(session.page.goto(site.origin)).rejects.toThrow(/net::ERR_/);
    expect(site.hits.length).toBe(before);
  },
);

test('a budget of requests holds all of them, and what comes through a socket counts as bytes', async () => {
  await using site = await openSite((_, response) => html(response, 'page'));
  await using flood = await openFlood();
  await using session = await openSession({
    allowPrivateOrigins: [site.origin, flood.origin],
    maxRequests: 3,
    maxBytes: 3_000_000,
  });
  await session.page.goto(site.origin);
  await session.page.goto(site.origin);
  expect(session.usage().requests).toBe(2);

  const closed = session.page.evaluate(
    (url) =>
      new Promise((resolve) => {
        new WebSocket(url).addEventListener('close', () => resolve('closed'));
      }),
    flood.origin.replace('http', 'ws'),
  );

  expect(await closed).toBe('closed');
  expect(session.usage().requests).toBe(3);
  expect(await session.failed).toMatchObject({ code: 'BUDGET_EXCEEDED' });
  expect(session.usage().bytesReceived).toBeGreaterThan(3_000_000 - 100_000);
  await flood.hungUp;
});

test('a site that goes on sending when the page is gone is hung up on', async () => {
  await using flood = await openFlood();
  await using session = await openSession({ allowPrivateOrigins: [flood.origin] });
  await session.page.evaluate(
    (url) => new Promise((resolve) => new WebSocket(url).addEventListener('message', resolve)),
    flood.origin.replace('http', 'ws'),
  );
  await session.page.goto('about:blank');
  await expect(flood.hungUp).resolves.toBeUndefined();
});
