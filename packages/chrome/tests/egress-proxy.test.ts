import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, test, vi } from 'vitest';

import { type EgressProxy, openEgressProxy } from '../src/egress/open-egress-proxy.ts';
import { html, openSite } from './canary.ts';

test('a request leads nowhere once the page has given up, though its name is found later', async () => {
  await using site = await openSite((_, response) => html(response, 'site'));
  const asked = Promise.withResolvers<void>();
  const found = Promise.withResolvers<{ address: string; family: number }[]>();
  await using proxy = await openEgressProxy({
    onOverBudget: () => {},
    resolve: () => {
      asked.resolve();
      return found.promise;
    },
  });
  proxy.bind({ allowPublic: false, allowPrivateOrigins: [`http://slow.example:${site.port}`] });
  const accepted = nextAccepted();
  const client = await send(proxy, `GET http://slow.example:${site.port}/early`);
  await asked.promise;
  client.destroy();
  await once(await accepted, 'close');
  found.resolve([{ address: '127.0.0.1', family: 4 }]);

  // What comes of the first has come by the time that a second is answered.
  await once(await send(proxy, `GET http://slow.example:${site.port}/later`), 'data');
  expect(site.hits).toEqual(['connection', '/later']);
});

test('a connection that nobody answers is given up with the page that wanted it', async () => {
  using hole = await openHole();
  await using proxy = await openEgressProxy({ onOverBudget: () => {} });
  proxy.bind({ allowPublic: false, allowPrivateOrigins: [`http://127.0.0.1:${hole.port}`] });
  const before = sockets();
  const client = await send(proxy, `CONNECT 127.0.0.1:${hole.port}`);
  // The client, the proxy's end of it, and what does not come about.
  await vi.waitFor(() => expect(sockets()).toBe(before + 3));
  client.destroy();
  await vi.waitFor(() => expect(sockets()).toBe(before));
});

test('a site is not told that there is a proxy', async () => {
  const headers: string[] = [];
  await using site = await openSite((request, response) => {
    headers.push(...Object.keys(request.headers));
    html(response, 'site');
  });
  await using proxy = await openEgressProxy({ onOverBudget: () => {} });
  proxy.bind({ allowPublic: false, allowPrivateOrigins: [site.origin] });
  await once(
    await send(
      proxy,
      `GET ${site.origin}/`,
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic YTpi',
    ),
    'data',
  );
  expect(headers.sort()).toEqual(['connection', 'host']);
});

test('a site that announces its answer without end is left', async () => {
  await using site = await openSite(({ socket }) => {
    const announce = () => void socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(10_000));
    socket.on('error', () => {}).on('drain', announce);
    announce();
  });
  await using proxy = await openEgressProxy({ onOverBudget: () => {} });
  proxy.bind({ allowPublic: false, allowPrivateOrigins: [site.origin] });
  expect(await text(await send(proxy, `GET ${site.origin}/`))).toBe('');
});

test('an answer may be announced, and be of any size', async () => {
  const body = 'x'.repeat(10_000_000);
  await using site = await openSite((_, response) => {
    for (let i = 0; i < 10; i++) response.writeEarlyHints({ link: `</${'x'.repeat(5_000)}>; rel=preload` });
    response.end(body);
  });
  await using proxy = await openEgressProxy({ onOverBudget: () => {} });
  proxy.bind({ allowPublic: false, allowPrivateOrigins: [site.origin] });
  const client = await send(proxy, `GET ${site.origin}/`, 'Connection: close');
  expect((await text(client)).length).toBeGreaterThan(body.length);
});

async function send({ url }: EgressProxy, request: string, ...headers: string[]): Promise<Socket> {
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  client.on('error', () => {});
  await once(client, 'connect');
  client.write(`${[`${request} HTTP/1.1`, 'Host: site', ...headers].join('\r\n')}\r\n\r\n`);
  return client;
}

/** The next connection that a server of this process accepts. */
function nextAccepted(): Promise<Socket> {
  return new Promise((resolve) => {
    const note = (message: unknown) => {
      if (typeof message !== 'object' || message === null || !('socket' in message)) return;
      unsubscribe('net.server.socket', note);
      if (message.socket instanceof Socket) resolve(message.socket);
    };
    subscribe('net.server.socket', note);
  });
}

/** How many connections this process has, or is about to have. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

/** A port where connections neither come about nor fail: nobody accepts, and the queue is full. */
async function openHole() {
  const code = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')).map(Number);
  if (port === undefined) throw new Error('The hole has no port.');
  const filling = Array.from({ length: 2 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(filling.map((socket) => once(socket, 'connect')));
  return {
    port,
    [Symbol.dispose]() {
      for (const socket of filling) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
