import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

import { openRemotePool, sweepBrowsers } from '../src/index.ts';
import { html, openSite } from './canary.ts';
import { launchWithPort, openElsewhere } from './elsewhere.ts';
import { createBrowserRoot, OWNER } from './fixture.ts';

const SECRET = 'token-5b1c';
const REQUEST = { owner: OWNER, egress: { allowPublic: true, allowPrivateOrigins: [] } };

async function listen(server: Server) {
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.on('error', () => {}).on('close', () => void open--);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    endpoint: `ws://user:${SECRET}@127.0.0.1:${port}/?token=${SECRET}`,
    open: () => open,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** What answers in place of a browser, to each who connects. */
async function openImpostor(onConnection: (socket: WebSocket) => void) {
  const server = createHttpServer();
  new WebSocketServer({ server }).on('connection', onConnection);
  return listen(server);
}

/** Passes all on between a pool and its browser, until it is cut or the browser says what `isLast` knows. */
async function openRelay(endpoint: string, isLast: (text: string) => boolean = () => false) {
  const { port } = new URL(endpoint);
  const clients: Socket[] = [];
  const server = createServer((client) => {
    clients.push(client);
    const upstream = createConnection(Number(port), '127.0.0.1');
    upstream.on('error', () => {}).on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream);
    upstream.on('data', (data) => void (isLast(String(data)) || client.write(data)));
  });
  const relay = await listen(server);
  const relayed = new URL(endpoint);
  relayed.port = new URL(relay.endpoint).port;
  const cut = () => {
    for (const client of clients) client.destroy();
  };
  return { ...relay, endpoint: relayed.href, cut };
}

const refusing = (status: number) => () =>
  listen(createHttpServer().on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)));

/** An address that nobody listens at. */
async function leave() {
  const there = await listen(createServer());
  await there[Symbol.asyncDispose]();
  return { ...there, [Symbol.asyncDispose]: async () => {} };
}

test.for([
  ['is not there', leave, 'BROWSER_LAUNCH_FAILED'],
  ['refuses whoever has no right to it', refusing(401), 'BROWSER_LAUNCH_FAILED'],
  ['has no browser free', refusing(429), 'BROWSER_LAUNCH_FAILED'],
  ['hangs up', () => listen(createServer((socket) => socket.destroy())), 'BROWSER_LAUNCH_FAILED'],
  [
    'does not speak HTTP',
    () => listen(createServer((socket) => socket.resume().end('SSH-2.0\r\n'))),
    'BROWSER_LAUNCH_FAILED',
  ],
  [
    'speaks nonsense',
    () => openImpostor((socket) => socket.on('message', () => socket.send('nonsense'))),
    'BROWSER_LAUNCH_FAILED',
  ],
  [
    'speaks JSON of another kind',
    () => openImpostor((socket) => socket.on('message', () => socket.send('null'))),
    'BROWSER_LAUNCH_FAILED',
  ],
  [
    'knows no commands',
    () =>
      openImpostor((socket) =>
        socket.addEventListener('message', ({ data }) => {
          const { id } = JSON.parse(typeof data === 'string' ? data : '');
          socket.send(JSON.stringify({ id, error: { message: 'No.' } }));
        }),
      ),
    'BROWSER_LAUNCH_FAILED',
  ],
  ['does not answer', () => listen(createServer((socket) => socket.resume())), 'BROWSER_LAUNCH_TIMEOUT'],
  ['answers no command', () => openImpostor(() => {}), 'BROWSER_LAUNCH_TIMEOUT'],
] as const)(
  'a pool that %s is said to be unusable, and no connection to it is left',
  async ([, open, code]) => {
    await using root = await createBrowserRoot();
    await using there = await open();
    const pool = await openRemotePool({
      endpoint: there.endpoint,
      rootDir: root.rootDir,
      launchTimeoutMs: code === 'BROWSER_LAUNCH_TIMEOUT' ? 300 : 30_000,
    });

    const error: unknown = await pool.take(REQUEST).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code });
    for (let each = error; each instanceof Error; each = each.cause)
      expect(inspect(each, { depth: 10, showHidden: true })).not.toContain(SECRET);
    await vi.waitFor(() => expect(there.open()).toBe(0));
  },
);

test('an attempt that has ended already connects to nothing', async () => {
  await using root = await createBrowserRoot();
  const pool = await openRemotePool({ endpoint: 'ws://127.0.0.1:9/', rootDir: root.rootDir });
  const signal = AbortSignal.abort(new Error('not wanted'));
  await expect(pool.take({ ...REQUEST, signal })).rejects.toThrow('not wanted');
});

test('an attempt that is ended while its context is being made leaves none', async () => {
  await using elsewhere = await launchWithPort();
  await using root = await createBrowserRoot();
  const unwanted = new AbortController();
  let made = 0;
  await using relay = await openRelay(elsewhere.endpoint, (text) => {
    if (!text.includes('"result":{"browserContextId":')) return false;
    made += 1;
    unwanted.abort(new Error('not wanted'));
    return true;
  });
  const pool = await openRemotePool({ endpoint: relay.endpoint, rootDir: root.rootDir });
  await expect(pool.take({ ...REQUEST, signal: unwanted.signal })).rejects.toThrow('not wanted');
  expect(made).toBe(1);
  await vi.waitFor(async () => expect(await elsewhere.contexts()).toBe(0));
  expect(relay.open()).toBe(0);
});

test('a connection that breaks at the very end of its making is told as one that broke', async () => {
  await using elsewhere = await launchWithPort();
  await using root = await createBrowserRoot();
  await using relay = await openRelay(elsewhere.endpoint);
  const pool = await openRemotePool({ endpoint: relay.endpoint, rootDir: root.rootDir });
  // The directory is made last.
  using watcher = new DisposableStack();
  watcher.adopt(watch(root.rootDir, relay.cut), (it) => it.close());

  await using session = await pool.take(REQUEST);

  expect(await session.failed).toMatchObject({ code: 'BROWSER_CRASHED' });
});

/** A process that has a part of the browser until it is killed. */
async function takeElsewhere(endpoint: string, rootDir: string) {
  const script = join(import.meta.dirname, 'take-and-wait.ts');
  const child = spawn(process.execPath, [script, endpoint, rootDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  return {
    send: (signal: NodeJS.Signals) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await sweepBrowsers({ rootDir });
    },
  };
}

test('nothing is left in the browser when the process that used it is killed', async () => {
  await using elsewhere = await openElsewhere();
  {
    await using _other = await takeElsewhere(elsewhere.endpoint, elsewhere.root.rootDir);
    expect(await elsewhere.contexts()).toBe(1);
  }
  await vi.waitFor(async () => expect(await elsewhere.contexts()).toBe(0));
});

test('a process that is frozen holds up new pages of the others, until it is gone', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>site</h1>'));
  await using elsewhere = await openElsewhere();
  const other = await takeElsewhere(elsewhere.endpoint, elsewhere.root.rootDir);
  await using stack = new AsyncDisposableStack();
  stack.use(other);
  other.send('SIGSTOP');
  await using session = await elsewhere.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin] },
  });
  await expect(session.page.goto(site.origin, { timeout: 2_000 })).rejects.toThrow('timeout');
  await stack.disposeAsync();
  await session.page.waitForSelector('h1');
});

test('nothing is left in a browser that was frozen at the end of the attempt, once it goes on', async () => {
  await using elsewhere = await openElsewhere();
  const session = await elsewhere.take();
  elsewhere.signal('SIGSTOP');
  await session[Symbol.asyncDispose]();
  elsewhere.signal('SIGCONT');
  await vi.waitFor(async () => expect(await elsewhere.contexts()).toBe(0));
});

test.for([
  ['the connection', { keepAliveMs: 1_000 }, {}, 'for 2 s'],
  ['the browser behind it', {}, { silenceMs: 3_000 }, 'for 3 s'],
] as const)(
  'a browser that is frozen meanwhile is noticed by a ping of %s',
  async ([, pool, request, how]) => {
    await using elsewhere = await openElsewhere(pool);
    await using session = await elsewhere.take(request);
    let isOver = false;
    void session.failed.then(() => {
      isOver = true;
    });
    // Longer than it may be silent: one that lives is heard of.
    await session.page.evaluate('new Promise((resolve) => setTimeout(resolve, 3500))');
    expect(isOver).toBe(false);
    elsewhere.signal('SIGSTOP');
    expect(await session.failed).toMatchObject({
      code: 'BROWSER_UNRESPONSIVE',
      message: expect.stringContaining(how),
    });
  },
);
