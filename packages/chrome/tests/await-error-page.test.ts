import { once } from 'node:events';
import { createServer } from 'node:http';

import { expect, test } from 'vitest';

import { openSession } from './fixture.ts';

const TIMES = 20;

test('a page that is opened right after one that failed is the page that is read', async () => {
  await using stack = new AsyncDisposableStack();
  const site = createServer((request, response) => {
    if (request.url === '/broken') request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Hello</title>');
  }).listen(0, '127.0.0.1');
  stack.defer(() => {
    site.closeAllConnections();
    site.close();
  });
  await once(site, 'listening');
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('The site has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const { page } = stack.use(await openSession({ allowPublic: true, allowPrivateOrigins: [origin] }));

  const titles: string[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const dead = time % 2 === 0 ? `${origin}/broken` : 'http://10.0.0.1/';
    await page.goto(dead).catch(() => {});
    await page.goto(origin);
    titles.push(await page.title());
  }

  expect(titles).toEqual(Array.from({ length: TIMES }, () => 'Hello'));
});
