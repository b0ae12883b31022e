import { expect, test } from 'vitest';

import { openSite } from './canary.ts';
import { openSession } from './fixture.ts';

const TIMES = 20;

test('a page that is opened right after one that failed is the page that is read', async () => {
  await using site = await openSite((request, response) => {
    if (request.url === '/broken') request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Hello</title>');
  });
  const { origin } = site;
  await using session = await openSession({ allowPublic: true, allowPrivateOrigins: [origin] });
  const { page } = session;

  const titles: string[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const dead = time % 2 === 0 ? `${origin}/broken` : 'http://10.0.0.1/';
    await page.goto(dead).catch(() => {});
    await page.goto(origin);
    titles.push(await page.title());
  }

  expect(titles).toEqual(Array.from({ length: TIMES }, () => 'Hello'));
});
