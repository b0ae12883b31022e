import { screencast } from '@gantry/chrome';
import type { LiveRequest, LiveSize } from '@gantry/core';
import type { Page } from 'puppeteer-core';

import { LIVE_SIZES } from './live-sizes.ts';

/** Keep-alive interval, also while the page does not change. Must stay well below the API's timeout. */
const BEAT_MS = 3_000;
/** An API that has not answered for so long is gone. */
const TIMEOUT_MS = 10_000;

/** Why pictures are no longer sent. */
export type LiveEnd = 'browser gone' | 'nobody looks' | 'refused' | 'connection lost';

/**
 * Sends pictures of a browser to the API process that asked for them, one request for each and the next one only when
 * that was answered: so a slow line gets fewer, and the newest. Ends when the API says that there is no viewer any more, when it
 * cannot be reached, or when the browser is gone. Never throws.
 *
 * @param closed aborted when the browser is gone
 */
export async function sendLiveView(
  { url, token, size }: LiveRequest,
  page: Page,
  closed: AbortSignal,
): Promise<LiveEnd> {
  const cut = new AbortController();
  const watchdog = setTimeout(() => cut.abort(), TIMEOUT_MS);
  const onClosed = () => cut.abort();
  closed.addEventListener('abort', onClosed);
  const send = async (body: Uint8Array<ArrayBuffer>): Promise<number> => {
    const response = await fetch(new URL('/api/live/frames', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' },
      body,
      redirect: 'error',
      signal: cut.signal,
    });
    await response.arrayBuffer();
    watchdog.refresh();
    return response.status;
  };
  try {
    if (closed.aborted) return 'browser gone';
    // First without a picture: no screencast is started if there is no viewer any more.
    let status = await send(new Uint8Array());
    using shots = takeShots(page, size);
    while (status === 204) status = await send(await shots.next(cut.signal));
    return status === 410 ? 'nobody looks' : 'refused';
  } catch {
    return closed.aborted ? 'browser gone' : 'connection lost';
  } finally {
    clearTimeout(watchdog);
    closed.removeEventListener('abort', onClosed);
  }
}

/** The newest picture whenever it is asked for. The browser makes no more until the next request. */
function takeShots(page: Page, size: LiveSize) {
  let latest: Buffer | null = null;
  let arrived = Promise.withResolvers<void>();
  let asked = Promise.withResolvers<void>();
  const cast = screencast(page, {
    ...LIVE_SIZES[size],
    onFrame({ jpeg }) {
      latest = jpeg;
      arrived.resolve();
      return asked.promise;
    },
  });
  return {
    /** The newest picture that was not given yet; nothing if there is none for a while. */
    async next(signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
      asked.resolve();
      if (!latest) await within(BEAT_MS, arrived.promise, signal);
      arrived = Promise.withResolvers();
      asked = Promise.withResolvers();
      const shot = new Uint8Array(latest ?? []);
      latest = null;
      return shot;
    },
    [Symbol.dispose]: () => cast[Symbol.dispose](),
  };
}

async function within(ms: number, event: Promise<void>, signal: AbortSignal): Promise<void> {
  const waited = Promise.withResolvers<void>();
  const done = () => waited.resolve();
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', done);
  await Promise.race([event, waited.promise]);
  clearTimeout(timer);
  signal.removeEventListener('abort', done);
  signal.throwIfAborted();
}
