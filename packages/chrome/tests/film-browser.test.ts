import { expect, test, vi } from 'vitest';

import { FrameLog, filmBrowser } from '../src/index.ts';
import { openSession } from './fixture.ts';

async function open() {
  await using stack = new AsyncDisposableStack();
  const session = stack.use(await openSession());
  const log = new FrameLog({ stretchMs: 500, maxBytes: 20_000_000 });
  const film = await filmBrowser(session.page, log);
  const resources = stack.move();
  return { ...session, log, film, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const paint = (color: string) => `<body style="background: ${color}">`;

test('each state of a page that stays is in a picture', async () => {
  await using o = await open();
  for (const color of ['red', 'green', 'blue']) {
    const before = o.log.frames.length;
    o.log.mark(Date.now());
    await o.page.setContent(paint(color));
    await vi.waitFor(() => expect(o.log.frames.length).toBeGreaterThan(before));
  }
  for (const { jpeg } of o.log.frames) expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

test('a popup comes to the front, and what it hid comes back with its end', async () => {
  await using o = await open();
  await o.page.setContent(paint('red'));
  await vi.waitFor(() => expect(o.log.frames.at(-1)?.page).toBe(1));
  const popup = new Promise<typeof o.page | null>((resolve) => o.page.once('popup', resolve));
  await o.page.evaluate(() => void window.open('about:blank'));
  await (await popup)?.setContent(paint('blue'));
  await vi.waitFor(() => expect(o.log.frames.at(-1)?.page).toBe(2));
  o.log.mark(Date.now());
  await (await popup)?.close();
  await vi.waitFor(() => expect(o.log.frames.at(-1)?.page).toBe(1));
});

test('a popup that has nothing to show yet hides nothing', async () => {
  await using o = await open();
  await o.page.setContent(paint('red'));
  await vi.waitFor(() => expect(o.log.frames.at(-1)?.page).toBe(1));
  const before = o.log.frames.length;
  o.log.mark(Date.now());
  const popup = new Promise((resolve) => o.page.once('popup', resolve));
  await o.page.evaluate(() => void window.open('about:blank'));
  await popup;
  await o.page.setContent(paint('green'));
  await vi.waitFor(() => expect(o.log.frames.length).toBeGreaterThan(before));
  expect(o.log.frames.map(({ page }) => page)).not.toContain(2);
});

test('a film ends with how the page looks, also if it was painted a moment ago', async () => {
  await using o = await open();
  await o.page.setContent(paint('rgb(255, 0, 0)'));

  await o.film.finish();

  const jpeg = Buffer.from(o.log.frames.at(-1)?.jpeg ?? []).toString('base64');
  const [red = 0, green = 0] = await o.page.evaluate(async (data) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${data}`)).blob());
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas?.drawImage(picture, 0, 0);
    return [...(canvas?.getImageData(0, 0, 1, 1).data ?? [])];
  }, jpeg);
  expect(red).toBeGreaterThan(200);
  expect(green).toBeLessThan(50);
});

test('a page that hangs keeps no film from ending', async () => {
  await using o = await open();
  o.page.evaluate('for (;;);').catch(() => {});
  await expect(o.film.finish()).resolves.toBeUndefined();
});
