import { expect, test } from 'vitest';

import { startDemoPort } from '../src/demo-port/index.ts';
import { knownNumbers, unknownNumbers } from './numbers.ts';

const [A = '', B = ''] = knownNumbers(2);
const [LOST = ''] = unknownNumbers(1);
const SEARCH = 'index.php/Report/mySearchContainerLocation';

const post = async (url: string, container: string) => {
  const body = new URLSearchParams({ containerLocation: container });
  return (await fetch(new URL(SEARCH, url), { method: 'POST', body })).text();
};

test('it has the port’s form, which answers in a new tab', async () => {
  await using port = await startDemoPort();
  const html = await (await fetch(new URL(`${SEARCH}Form`, port.url))).text();
  expect(html).toMatch(/<form method="POST" action="[^"]+mySearchContainerLocation" target="_blank">/);
  expect(html).toContain('name="containerLocation" id="containerLocation" placeholder="Container No"');
  expect(html).toContain('<button type="submit">Search</button>');
});

test('it says on every page that it is no real port', async () => {
  await using port = await startDemoPort();
  for (const html of [
    await (await fetch(new URL('/', port.url))).text(),
    await post(port.url, A),
    await post(port.url, LOST),
  ])
    expect(html).toContain("This is Gantry's demo port");
});

test('it answers in rows of label, colon and value, by POST as by GET, always the same', async () => {
  await using port = await startDemoPort();
  const answer = await post(port.url, A);
  expect(answer).toMatch(/<tr><td>Position \/ Location<\/td><td>:<\/td><td>[^<]+<\/td><\/tr>/);
  expect(await post(port.url, ` ${A.toLowerCase()} `)).toBe(answer);
  expect(await (await fetch(new URL(`${SEARCH}/${A}`, port.url))).text()).toBe(answer);
  expect(await post(port.url, B)).not.toBe(answer);
});

test('about one number in twelve is not found, and so is what is no number, with status 200', async () => {
  await using port = await startDemoPort({ manners: { unknown: [B] } });
  for (const container of [LOST, B, 'nonsense', '', '<script>alert(1)</script>'])
    expect(await post(port.url, container)).toContain('Wrong container no or not found');
  expect(await post(port.url, '<script>alert(1)</script>')).not.toContain('<script>');
});

test('its manners can be changed while it runs', async () => {
  await using port = await startDemoPort({ manners: { isUnderMaintenance: true } });
  expect(await post(port.url, A)).toContain('under maintenance');
  port.setManners({ isUnderMaintenance: false, isRedesigned: true });
  expect(await post(port.url, A)).not.toContain('Position / Location');
  port.setManners({ isRedesigned: false, resetEvery: 1 });
  await expect(post(port.url, A)).rejects.toThrow('fetch failed');
  port.setManners({ resetEvery: 0 });
  expect(await post(port.url, A)).toContain('Position / Location');
  expect(port.searches.map(({ container }) => container)).toEqual([A, A, A, A]);
});

test('it ends at once, though somebody waits for an answer', async () => {
  const port = await startDemoPort({ manners: { slowMs: [3_600_000, 3_600_000] } });
  const answer = post(port.url, A).catch((error: unknown) => error);
  await expect.poll(() => port.searches.length).toBe(1);
  await port[Symbol.asyncDispose]();
  expect(await answer).toBeInstanceOf(Error);
});
