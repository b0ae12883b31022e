import { expect, test } from 'vitest';

import { FrameLog, filmBrowser, recordBrowser, screencast } from '../src/index.ts';
import { openSession } from './fixture.ts';

const WATCHERS = 4;

test('however many begin to look at a browser at once, tabs open and close as before', async () => {
  await using session = await openSession();
  const { page, browser } = session;
  await page.setContent('<title>own</title><h1>The job’s page</h1>');
  const frames = new FrameLog({ stretchMs: 500, maxBytes: 1_000_000 });
  for (let round = 0; round < 3; round++) {
    const shown = Promise.withResolvers<void>();
    const options = { framesPerSecond: 10, maxWidth: 400, maxHeight: 400, quality: 50 };
    const casts = Array.from({ length: WATCHERS }, () =>
      screencast(page, { ...options, onFrame: () => shown.resolve() }),
    );
    // As a worker does when somebody waits to see a job that is traced.
    await Promise.all([recordBrowser(page), filmBrowser(page, frames)]);
    await shown.promise;

    const opened = new Promise<typeof page | null>((resolve) => page.once('popup', resolve));
    await page.evaluate(() => void window.open('about:blank'));
    const tab = await opened;
    await tab?.setContent('<title>popup</title>');
    // A view of the page that was shown before ends here.
    for (const cast of casts) cast[Symbol.dispose]();
    expect(await tab?.title()).toBe('popup');
    await tab?.close();
    expect(await page.title()).toBe('own');
    expect(await browser.pages()).toHaveLength(1);
  }
});
