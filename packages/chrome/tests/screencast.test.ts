import type { Page } from 'puppeteer-core';
import { expect, test } from 'vitest';

import { FrameLog, filmBrowser, type ScreencastFrame, screencast } from '../src/index.ts';
import { html, openSite } from './canary.ts';
import { openSession } from './fixture.ts';

/** A browser whose pages may reach these origins, and everything that a screencast of it has shown. */
async function createStage({
  origins = [],
  onFrame = () => {},
  ...launch
}: {
  origins?: string[];
  onFrame?: () => Promise<void> | void;
  idleTimeoutMs?: number;
} = {}) {
  const session = await openSession({ allowPrivateOrigins: origins }, launch);
  const { page } = session;
  const frames: ScreencastFrame[] = [];
  const options = { framesPerSecond: 20, maxWidth: 640, maxHeight: 640, quality: 60 };
  return {
    ...session,
    frames,
    show: () => screencast(page, { ...options, onFrame: (frame) => (frames.push(frame), onFrame()) }),
    /** What a page that is at rest looks like. */
    async look(on: Page = page): Promise<Buffer> {
      await pass(on, 3);
      const first = Promise.withResolvers<Buffer>();
      using _cast = screencast(page, { ...options, onFrame: ({ jpeg }) => first.resolve(jpeg) });
      return await first.promise;
    },
  };
}

/** Waits until the page has been drawn so many times. */
const pass = (page: Page, pictures: number) =>
  page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        const next = (left: number) => (left > 0 ? requestAnimationFrame(() => next(left - 1)) : resolve());
        next(count);
      }),
    pictures,
  );

/** Writes another number into the page at each of so many pictures. */
const count = (page: Page, to: number) =>
  page.evaluate(
    (last) =>
      new Promise<void>((resolve) => {
        const next = (number: number) => {
          document.body.textContent = `${number}`;
          if (number < last) requestAnimationFrame(() => next(number + 1));
          else resolve();
        };
        next(1);
      }),
    to,
  );

test('a page at rest is sent once, and one that changes once is sent once more', async () => {
  await using stage = await createStage();
  await stage.page.setContent('<body>at rest');
  await stage.look();
  using _cast = stage.show();
  await expect.poll(() => stage.frames.length).toBe(1);
  await pass(stage.page, 60);
  expect(stage.frames).toHaveLength(1);

  await count(stage.page, 1);
  await expect.poll(() => stage.frames.length).toBe(2);
  expect(stage.frames[1]?.jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  expect(stage.frames[1]?.jpeg).not.toEqual(stage.frames[0]?.jpeg);
  expect(stage.frames[1]?.takenAt).toBeGreaterThan(stage.frames[0]?.takenAt ?? 0);
});

test('of a page that changes faster than it is shown pictures are left out, but never the last one', async () => {
  await using stage = await createStage();
  using _cast = stage.show();
  for (const to of [3, 60]) {
    await count(stage.page, to);
    const last = await stage.look();
    await expect.poll(() => stage.frames.at(-1)?.jpeg.equals(last)).toBe(true);
  }
  expect(stage.frames.length).toBeLessThan(60);
});

test('who takes no frame is sent a few and no more, and then the newest', async () => {
  const gate = Promise.withResolvers<void>();
  await using stage = await createStage({ onFrame: () => gate.promise });
  using _cast = stage.show();
  await count(stage.page, 60);
  const last = await stage.look();
  expect(stage.frames.length).toBeLessThanOrEqual(3);
  gate.resolve();
  await expect.poll(() => stage.frames.at(-1)?.jpeg.equals(last)).toBe(true);
});

test('a page that opens is shown once it has been somewhere, and when it closes the one before', async () => {
  await using site = await openSite((_, response) => html(response, '<body style="background: blue">'));
  const { origin } = site;
  await using stage = await createStage({ origins: [origin] });
  await stage.page.goto(origin);
  await stage.page.evaluate("document.body.style.background = 'red'");
  const below = await stage.look();
  using _cast = stage.show();
  await expect.poll(() => stage.frames.at(-1)?.jpeg.equals(below)).toBe(true);

  const opening = new Promise<Page | null>((resolve) => stage.page.once('popup', resolve));
  await stage.page.evaluate(() => void window.open('about:blank'));
  const popup = await opening;
  expect(await stage.look()).toEqual(below);
  await popup?.goto(origin);
  const above = await stage.look(popup ?? undefined);
  expect(above).not.toEqual(below);
  await expect.poll(() => stage.frames.at(-1)?.jpeg.equals(above)).toBe(true);

  await popup?.close();
  await expect.poll(() => stage.frames.at(-1)?.jpeg.equals(below)).toBe(true);
});

test('several of one browser disturb neither each other nor the pages that open', async () => {
  await using site = await openSite((_, response) => html(response, '<body><a href="/">ask</a>'));
  await using stage = await createStage({ origins: [site.origin] });
  await stage.page.goto(site.origin);
  using casts = new DisposableStack();
  for (let started = 0; started < 3; started++) casts.use(stage.show());
  for (let round = 0; round < 5; round++) {
    const opening = new Promise<Page | null>((resolve) => stage.page.once('popup', resolve));
    // Never the same name: a tab that is just being closed still has it.
    await stage.page.evaluate((name) => {
      window.open('about:blank', name);
      document.querySelector('a')?.setAttribute('target', name);
    }, `answer-${round}`);
    const popup = await opening;
    // In full Chrome a page behind another one takes no clicks.
    await stage.page.bringToFront();
    await Promise.all([popup?.waitForNavigation({ timeout: 10_000 }), stage.page.click('a')]);
    await popup?.close();
  }
  expect(stage.frames.length).toBeGreaterThan(3);
});

test('it goes on through a navigation to another site', async () => {
  await using site = await openSite(({ headers }, response) => html(response, `<body>${headers.host}`));
  const origins = [site.origin, site.origin.replace('127.0.0.1', 'localhost')];
  await using stage = await createStage({ origins });
  using _cast = stage.show();
  for (const origin of origins) {
    await stage.page.goto(origin);
    await stage.page.evaluate(() => document.body.append(' and more'));
    const last = await stage.look();
    await expect.poll(() => stage.frames.at(-1)?.jpeg.equals(last)).toBe(true);
  }
});

test('after its end nothing more is sent', async () => {
  await using stage = await createStage();
  const cast = stage.show();
  await expect.poll(() => stage.frames.length).toBeGreaterThan(0);
  const { length } = stage.frames;
  cast[Symbol.dispose]();
  await count(stage.page, 3);
  await stage.look();
  expect(stage.frames).toHaveLength(length);
});

test('a job that does nothing is idle, however its page moves and whoever looks', async () => {
  await using stage = await createStage({ idleTimeoutMs: 1_000 });
  const film = new FrameLog({ stretchMs: 100, maxBytes: 1_000_000 });
  await filmBrowser(stage.page, film);
  using _cast = stage.show();
  await stage.page.setContent('<body>0');
  await stage.page.evaluate(
    'setInterval(() => { document.body.textContent = Number(document.body.textContent) + 1 }, 50)',
  );
  await expect.poll(() => stage.frames.length).toBeGreaterThan(10);
  expect(await stage.failed).toMatchObject({ code: 'BROWSER_IDLE' });
});
