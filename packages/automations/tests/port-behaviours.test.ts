import { expect, test } from 'vitest';

import { FormTab } from '../src/ctg-port-tracking/form-tab.ts';
import { openBrowser } from './fixture.ts';
import { lookUp, outcome } from './look-up.ts';
import { ANSWER, type Behaviour, openRoughPort, portForm, send } from './rough-port.ts';

const stream =
  (html: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.write(`<!doctype html><html><body>${html}`);
  };

// Side by side, since most of the time is waiting: for what a page may still say, and for its deadline.
test.concurrent('an answer is read wherever and however late it comes, and beside any dialog', async () => {
  const behaviours: Behaviour[] = [
    `${ANSWER}<script>alert("Notice: holiday on Friday");confirm("Print?");prompt("Name?")</script>`,
    `<script>alert("Notice: holiday on Friday")</script>${ANSWER}`,
    `<body onload="window.print()">${ANSWER}`,
    `${ANSWER}<script>addEventListener("beforeunload", (e) => { e.preventDefault(); e.returnValue = "x" })</script>`,
    '<iframe src="/inner"></iframe>',
    '<iframe src="/outer"></iframe>',
    '<iframe sandbox="allow-scripts" src="/inner"></iframe>',
    stream(ANSWER),
    '<meta http-equiv="refresh" content="1;url=/inner">Please wait',
    '<p>Loading…</p><script>setTimeout(() => location.replace("/inner"), 500)</script>',
    '<p>No data yet</p><script>setTimeout(() => { document.body.innerHTML = decodeURIComponent("' +
      `${encodeURIComponent(ANSWER)}") }, 700)</script>`,
    `<p>Loading…</p><script>fetch("/slow").then((r) => r.text()).then((t) => { document.body.innerHTML = t })</script>`,
    // A placeholder that says something else until the data are there.
    `<p>No data available in table</p><script>fetch("/slow").then((r) => r.text()).then((t) => { document.body.innerHTML = t })</script>`,
    '<script>window.open("/inner"); window.close()</script>',
    `${ANSWER}<img src="/never.gif">`,
    `${ANSWER}<script>print(); close()</script>`,
    `<p id="p"></p><script>p.attachShadow({ mode: "closed" }).innerHTML = decodeURIComponent("${encodeURIComponent(ANSWER)}")</script>`,
  ];
  const { rows } = await lookUp(behaviours, {
    pages: {
      '/inner': ANSWER,
      '/outer': '<iframe src="/inner"></iframe>',
      '/slow': (response) => void setTimeout(() => send(response, ANSWER), 1_500),
      '/never.gif': () => {},
    },
  });
  expect(rows.map(outcome)).toEqual(behaviours.map(() => 'NCT A-1'));
  expect(rows[0]?.data['notice']).toBe('Notice: holiday on Friday\nPrint?\nName?');
});

test.concurrent('the text of a dialog is evaluated like text of the page, also if its tab closes or goes back', async () => {
  const { rows, searches } = await lookUp([
    '<script>alert("Wrong container number");window.close();</script>',
    '<script>alert("No record found");history.back();</script>',
    '<script>alert("NO RECORD FOUND"); location.href = "/pcs/index.php/Report/mySearchContainerLocationForm"</script>',
    '<script>addEventListener("load", () => setTimeout(() => { alert("Container not found!"); window.close() }, 300))</script>',
  ]);
  expect(rows.map(outcome)).toEqual(Array.from({ length: 4 }, () => 'CONTAINER_NOT_FOUND'));
  expect(rows[0]?.error?.message).toBe(
    'The port does not know this container. The site said: “Wrong container number”',
  );
  // An answer is an answer: nothing is asked twice.
  expect(searches).toHaveLength(4);
});

test.concurrent('a page that leaves its answer is read before, or asked again', async () => {
  const { rows } = await lookUp(
    ['<p>Wrong container</p><script>setTimeout(() => { location.href = "/blank" }, 100)</script>'],
    { pages: { '/blank': '<script></script>' } },
  );
  expect(rows.map(outcome)).toEqual(['CONTAINER_NOT_FOUND']);
});

test.concurrent('the answer is that of the tab that was asked, whatever other tabs say', async () => {
  const onSubmit = "window.open('/advert')";
  const slow: Behaviour = (response) =>
    void setTimeout(() => send(response, '<p>Wrong container number</p>'), 2_500);
  const { rows } = await lookUp(['<p>Wrong container number</p>', slow, ANSWER], {
    form: portForm({ onSubmit }),
    pages: {
      '/advert':
        '<table><tr><th>Size</th><th>Description</th></tr><tr><td>20</td><td>For sale</td></tr></table><script>alert("No results")</script>',
    },
  });
  expect(rows.map(outcome)).toEqual(['CONTAINER_NOT_FOUND', 'CONTAINER_NOT_FOUND', 'NCT A-1']);
});

test.concurrent('a service worker that an answer installs answers for no other search', async () => {
  const { rows } = await lookUp(
    [
      `${ANSWER}<script>navigator.serviceWorker.register('/worker.js')</script>`,
      ANSWER,
      '<p>Wrong container</p>',
    ],
    {
      pages: {
        '/worker.js': (response) => {
          response.writeHead(200, { 'content-type': 'text/javascript' });
          response.end(
            "addEventListener('install', () => skipWaiting()); addEventListener('activate', (e) => e.waitUntil(clients.claim())); addEventListener('fetch', (e) => e.respondWith(new Response('offline')))",
          );
        },
      },
    },
  );
  expect(rows.map(outcome)).toEqual(['NCT A-1', 'NCT A-1', 'CONTAINER_NOT_FOUND']);
});

test.concurrent('what is no answer is named as what it is', async () => {
  const cases: [Behaviour, string][] = [
    [
      '<script>alert("Session expired. Please login");location.href="/login";</script>',
      'SITE_LOGIN_REQUIRED',
    ],
    ['<title>Just a moment...</title><script></script>Verify you are human', 'SITE_CHALLENGE'],
    [(response) => send(response, '<h1>Wrong container</h1>', 500), 'SITE_UNAVAILABLE'],
    [ANSWER, ''],
    [(response) => send(response, '<h1>Sorry</h1>', 403), 'SITE_ACCESS_DENIED'],
    [(response) => void response.writeHead(302, { location: 'http://sso.example/' }).end(), 'BLOCKED_URL'],
    [(response) => void response.writeHead(302, { location: '/closed' }).end(), 'SITE_MAINTENANCE'],
    [(response) => send(response, '<h1>Site under maintenance</h1>', 503), 'SITE_MAINTENANCE'],
    [ANSWER, ''],
    [(response) => void response.socket?.resetAndDestroy(), 'SITE_UNAVAILABLE'],
    [(response) => void response.writeHead(204).end(), 'SITE_UNAVAILABLE'],
    [(response) => void response.writeHead(200).end(), 'SITE_UNAVAILABLE'],
    [ANSWER, ''],
    ['<script>window.close()</script>', 'SITE_UNAVAILABLE'],
    ['<script>alert("Server is busy")</script>', 'SITE_MAINTENANCE'],
    [ANSWER, ''],
  ];
  const { rows, files } = await lookUp(
    cases.map(([behaviour]) => behaviour),
    {
      pages: {
        '/login': '<form><input name="u"><input type="password"></form>',
        '/closed': '<h1>Scheduled downtime</h1>',
      },
      pageTimeoutMs: 10_000,
    },
  );
  expect(rows.map(({ error }) => error?.code ?? '')).toEqual(cases.map(([, code]) => code));
  for (const { error } of rows) expect(error?.message ?? 'Try.').toMatch(/Try|check|Look|Run/i);
  expect([...files.keys()].filter((name) => name.endsWith('.png')).length).toBeGreaterThan(5);
});

test.concurrent('a page that takes back what it said, returns the form or cannot be drawn is no answer', async () => {
  const form = `${portForm()}<p>Enter a valid container number</p><div>Location: Port Road<br>Description: Port</div>`;
  const { rows, searches } = await lookUp(
    [
      form,
      '<p>No data available</p><script>setTimeout(() => { document.body.innerHTML = "<p>Somewhere new</p>" }, 400)</script>',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
        response.end('not gzip');
      },
      '<p>Wrong container</p><iframe hidden src="/inner"></iframe>',
      '<object data="/inner" type="text/html"></object>',
      `<p>Wrong container</p><b id="t"></b><script>setInterval(() => { t.textContent = Date.now() }, 50)</script>`,
    ],
    { form, pages: { '/inner': ANSWER }, pageTimeoutMs: 10_000 },
  );
  expect(rows.map(outcome)).toEqual([
    'SITE_LAYOUT_CHANGED',
    'SITE_LAYOUT_CHANGED',
    'SITE_UNAVAILABLE',
    'CONTAINER_NOT_FOUND',
    'NCT A-1',
    'CONTAINER_NOT_FOUND',
  ]);
  // Three tries of each that failed.
  expect(searches).toHaveLength(12);
});

test.concurrent('a page that broke a search goes on no more: its late answer would come to the next container', async () => {
  await using port = await openRoughPort({ behaviours: new Map() });
  const { origin } = new URL(port.url);
  await using browser = await openBrowser({ allowPublic: false, allowPrivateOrigins: [origin] });
  await browser.page.goto(origin);
  await using form = new FormTab(browser.page);
  await form.renew();
  expect(browser.page.url()).toBe('about:blank');
  expect(form.page).not.toBe(browser.page);
});

test.concurrent.for([
  ['answers in its own tab', portForm({ script: 'window.open = () => null' })],
  ['asks before it searches', portForm({ onSubmit: "return confirm('Search?')" })],
  ['says something first', portForm({ script: "alert('Welcome. Maintenance on Friday.')" })],
  [
    'answers in its own page',
    portForm({
      onSubmit:
        "event.preventDefault(); fetch('/pcs/answer?c=' + this.c.value).then((r) => r.text()).then((t) => { document.getElementById('result').innerHTML = t })",
    }),
  ],
  [
    'opens a tab by script',
    portForm({
      onSubmit: "event.preventDefault(); window.open('/pcs/answer?c=' + this.c.value, '', 'noopener')",
    }),
  ],
  [
    'comes late',
    `<script>setTimeout(() => { document.body.innerHTML = decodeURIComponent("${encodeURIComponent(portForm())}") }, 500)</script>`,
  ],
  [
    'asks not to be left',
    portForm({ script: 'addEventListener("beforeunload", (e) => e.preventDefault())' }),
  ],
  ['never ends', stream(portForm())],
] as const)('a form that %s is used', async ([, form]) => {
  const { rows } = await lookUp([ANSWER, ANSWER.replace('A-1', 'B-2'), '<p>Wrong container</p>'], { form });
  expect(rows.map(outcome)).toEqual(['NCT A-1', 'NCT B-2', 'CONTAINER_NOT_FOUND']);
});

test.concurrent.for([
  ['a log-in', '<form><input type="password"></form>', 'SITE_LOGIN_REQUIRED'],
  [
    'an alert and a log-in',
    '<script>alert("Please log in"); location.href = "/login"</script>',
    'SITE_LOGIN_REQUIRED',
  ],
  ['something else', '<h1>Welcome to the new site</h1>', 'SITE_LAYOUT_CHANGED'],
] as const)('a port whose form is replaced by %s says so', async ([, form, code]) => {
  const pages = { '/login': '<form><input type="password"></form>' };
  expect((await lookUp([ANSWER], { form, pages })).row?.error?.code).toBe(code);
});
