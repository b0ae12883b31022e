import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { createAutomations } from '../src/index.ts';
import { openBrowser, prepareRun, type Run } from './fixture.ts';

type Options = Omit<Parameters<typeof prepareRun>[0], 'automation' | 'page'>;
type Answer = (response: ServerResponse, o: { url: URL; request: IncomingMessage }) => unknown;

/** As much text as a page has that needs no time to say more. */
export const TEXT = `<p>${'This page has something to say. '.repeat(10)}</p>`;

const send = (response: ServerResponse, body: string, status = 200, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);

const html =
  (body: string, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    send(response, body, status, headers);

const image = (color: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="100" height="100" fill="${color}"/></svg>`;

/** What the site answers, by path; a page elsewhere. */
const ANSWERS: Record<string, Answer> = {
  '/page': html(
    `<title>A page</title><meta name="viewport" content="width=device-width"><h1>Hello</h1>${TEXT}`,
  ),
  '/landed': html(`<title>Landed</title><h1>Landed</h1>${TEXT}`),
  '/gone': html(`<title>Gone</title>${TEXT}`, 404),
  '/moved': (response) => response.writeHead(302, { location: '/page' }).end(),
  '/inside': (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/secret' }).end(),
  // Broken in one way or another.
  '/hangs-up': (_, { request }) => request.socket.destroy(),
  '/false-gzip': html('not gzip', 200, { 'content-encoding': 'gzip' }),
  '/half': (response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': '5000' });
    response.write(`<h1>Half</h1>${TEXT}`, () => response.destroy());
  },
  '/nothing': (response) => response.writeHead(204).end(),
  '/empty': html(''),
  '/unchanged': (response) => response.writeHead(304).end(),
  '/to-a-script': (response) => response.writeHead(302, { location: 'javascript:alert(1)' }).end(),
  '/to-a-local-file': (response) => response.writeHead(302, { location: 'file:///etc/hosts' }).end(),
  '/redirects': (response, { url }) =>
    response.writeHead(302, { location: `/redirects?${Number(url.search.slice(1)) + 1}` }).end(),
  '/sign-in': html('<h1>401</h1>', 401, { 'www-authenticate': 'Basic realm="x"' }),
  '/pdf': html('%PDF-1.4', 200, { 'content-type': 'application/pdf' }),
  '/zip': html('PK', 200, { 'content-type': 'application/zip', 'content-disposition': 'attachment' }),
  '/busy': html(`${TEXT}<script>onload = () => setTimeout(() => { for (;;); })</script>`),
  '/leads-inside': html(`${TEXT}<script>setTimeout(() => { location = 'http://10.0.0.1/' }, 50)</script>`),
  // Shown in ways of their own.
  '/shadow': html(
    '<x-x id="x"></x-x><script>x.attachShadow({ mode: "open" }).innerHTML = "<h1>Hello</h1>"</script>',
  ),
  '/closed-shadow': html(
    '<x-x id="x"></x-x><script>x.attachShadow({ mode: "closed" }).innerHTML = "<h1>Hello</h1>"</script>',
  ),
  '/boxless-shadow': html(
    '<x-x id="x" style="display:contents"></x-x><script>x.attachShadow({ mode: "open" }).innerHTML = "<h1>Hello</h1>"</script>',
  ),
  '/frames': html('<frameset cols="50%,50%"><frame src="/page"><frame src="/page"></frameset>'),
  '/sandboxed': html(`<title>Sandboxed</title>${TEXT}`, 200, {
    'content-security-policy': "default-src 'none'; sandbox",
  }),
  '/leaves-a-worker': html(
    `${TEXT}<script>navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => { document.title = 'Ready' })</script>`,
  ),
  '/worker.js': html(
    `addEventListener('fetch', (e) => e.respondWith(new Response('${TEXT}'))); addEventListener('activate', (e) => e.waitUntil(clients.claim()))`,
    200,
    { 'content-type': 'text/javascript' },
  ),
  // Leading elsewhere.
  '/by-script': (response, { url }) =>
    send(
      response,
      `<h1>Wait</h1><script>onload = () => setTimeout(() => location.replace('/landed'), ${url.searchParams.get('ms')})</script>`,
    ),
  '/says-so': html(
    `${TEXT}<p>You are being redirected</p><script>setTimeout(() => location.replace('/landed'), 3000)</script>`,
  ),
  '/while-loading': html('<h1>Wait</h1><script>location = "/landed"</script>'),
  '/by-meta': (response, { url }) =>
    send(
      response,
      `<meta http-equiv="refresh" content="${url.searchParams.get('s')};url=/landed"><h1>Wait</h1>${TEXT}`,
    ),
  '/by-header': html(`<h1>Wait</h1>${TEXT}`, 200, { refresh: '1;url=/landed' }),
  '/by-click': html(`<a href="/by-meta?s=0">on</a><script>document.links[0].click()</script>`),
  '/renews': html(`<title>Renews</title><meta http-equiv="refresh" content="2"><h1>Board</h1>${TEXT}`),
  // Late.
  '/late': html(
    `<title>Late</title><body style="margin:0"><p id="p">Loading…</p><script>setTimeout(async () => {
      p.outerHTML = await (await fetch('/data')).text() }, 300)</script>`,
  ),
  '/data': (response) =>
    setTimeout(() => send(response, '<div style="background:#00f;height:400px">Data</div>'), 700),
  '/lazy': html(
    `<title>Lazy</title><body style="margin:0">${Array.from({ length: 8 }, (_, i) => `<div style="height:1500px">${i}</div>`).join('')}
    <img loading="lazy" width="1280" height="100" style="display:block" src="/image">
    <div id="d" style="height:100px"></div><script>new IntersectionObserver(([e]) => {
      if (e.isIntersecting) d.style.background = '#00f' }).observe(d)</script>`,
  ),
  '/image': html(image('#00f'), 200, { 'content-type': 'image/svg+xml' }),
  '/tracked': html(`<title>Tracked</title>${TEXT}<img src="/never">`),
  '/undrawn': html(`<title>Undrawn</title><link rel="stylesheet" href="/never">${TEXT}`),
  '/never': () => {},
  '/restless': html(
    `<title>Restless</title>${TEXT}<p id="p"></p><script>setInterval(() => { p.textContent = Math.random() }, 20)</script>`,
  ),
  '/windows': html(
    `<title>Windows</title>${TEXT}<script>for (let i = 0; i < 5; i++) open('/page?' + i)</script>`,
  ),
  // Tall.
  '/tall': (response, { url }) => {
    const height = Number(url.searchParams.get('px')) - 100;
    send(
      response,
      `<body style="margin:0"><div style="height:${height}px">Top</div><div style="background:#00f;height:100px">`,
    );
  },
  // On paper.
  '/screen-only': html(`<style>@media print { body { display: none } }</style><h1>On screen</h1>${TEXT}`),
  '/removed': html(`<h1>Hello</h1>${TEXT}<script>onbeforeprint = () => document.body.remove()</script>`),
  '/almost-screen-only': html(
    `<style>@media print { main { visibility: hidden } }</style><main>${TEXT}</main><footer>© 2026</footer>`,
  ),
};

/** A site with bad manners, a browser that may reach it, and attempts at jobs that capture its pages. */
export async function openPageSite() {
  await using stack = new AsyncDisposableStack();
  const userAgents: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site.example');
    userAgents.push(request.headers['user-agent'] ?? '');
    (ANSWERS[url.pathname] ?? html('nothing here', 404))(response, { url, request });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stack.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The site has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const automation = createAutomations({
    ctgPort: { baseUrl: 'https://port.example/', pauseMs: 0, pageTimeoutMs: 1_000 },
    pageCapture: { allowPrivateOrigins: [origin] },
  }).find(({ id }) => id === 'page-capture');
  if (!automation) throw new Error('There is no page capture.');
  const { browser, page, refusalOf } = stack.use(
    await openBrowser(automation.egress, async (hostname) => {
      if (hostname === 'inside.example') return [{ address: '10.0.0.1', family: 4 }];
      throw new Error('ENOTFOUND');
    }),
  );
  const resources = stack.move();
  return {
    origin,
    userAgents,
    automation,
    browser,
    prepare: (o: Options): Promise<Run> => prepareRun({ automation, page, refusalOf, ...o }),
    /** Captures pages of the site, by their paths. */
    async capture(paths: string[], formats: ('png' | 'pdf')[] = ['png']): Promise<Run> {
      const run = await prepareRun({
        automation,
        page,
        refusalOf,
        input: { urls: paths.map((path) => new URL(path, origin).href), formats },
      });
      await run.finish();
      return run;
    },
    /** The color of a picture's pixels, from the top and from the bottom, as the browser reads it. */
    async colorsAt(png: Uint8Array | undefined, ys: number[]): Promise<string[]> {
      const source = `data:image/png;base64,${Buffer.from(png ?? []).toString('base64')}`;
      return page.evaluate(
        async (src, rows) => {
          const bitmap = await createImageBitmap(await (await fetch(src)).blob());
          return rows.map((y) => {
            const canvas = new OffscreenCanvas(1, 1);
            const context = canvas.getContext('2d');
            context?.drawImage(bitmap, 10, y < 0 ? bitmap.height + y : y, 1, 1, 0, 0, 1, 1);
            const [r = 0, g = 0, b = 0] = context?.getImageData(0, 0, 1, 1).data ?? [];
            return `${r},${g},${b}`;
          });
        },
        source,
        ys,
      );
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Width and height of a PNG, which are at its beginning. */
export function sizeOf(png: Uint8Array | undefined): [width: number, height: number] {
  const bytes = Buffer.from(png ?? []);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}
