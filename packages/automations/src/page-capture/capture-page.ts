import { ChromeError } from '@gantry/chrome';
import { type Browser, type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import type { AutomationContext, JsonObject, RowResult } from '../define-automation.ts';
import { honestUserAgent } from '../honest-user-agent.ts';
import { withDeadline } from '../with-deadline.ts';

/** What is kept of a page, and how it is seen. */
export type CaptureOptions = { formats: ('pdf' | 'png')[]; viewport: 'desktop' | 'phone' };

const OPEN_TIMEOUT_MS = 30_000;
/** For all of a page: a page can keep its tab so busy that it answers nothing any more. */
const PAGE_TIMEOUT_MS = 90_000;
/** Chrome draws no picture that is higher. */
const HIGHEST_PICTURE = 15_000;
const WIDEST_PICTURE = 4_000;
const LARGEST_FILE = 40_000_000;
const UNAVAILABLE = 'The page could not be opened.';
const VIEWPORTS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
};

/** Captures one page in a tab of its own. What is wrong with the page is in the result; nothing else is. */
export async function capturePage(
  context: AutomationContext<CaptureOptions>,
  o: {
    index: number;
    url: string;
    /** Name of its files, without extension. */
    fileName: string;
    check: (url: string) => URL;
  },
): Promise<RowResult> {
  const base = { index: o.index, key: o.url };
  let tab: Page | null = null;
  let leadsTo = o.url;
  try {
    o.check(o.url);
    const page = await context.page.browserContext().newPage();
    tab = page;
    page.on('request', (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) leadsTo = request.url();
    });
    const data = await withDeadline(capture(context, { ...o, page }), PAGE_TIMEOUT_MS);
    return { ...base, status: 'completed', data, error: null };
  } catch (error) {
    context.signal.throwIfAborted();
    const { code, message } = explain(error, context.page.browser(), context.refusalOf(leadsTo));
    context.log('warn', `${o.url.slice(0, 200)}: ${message}`, { code });
    return { ...base, status: 'failed', data: {}, error: { code, message } };
  } finally {
    await tab?.close().catch(() => {});
  }
}

async function capture(
  context: AutomationContext<CaptureOptions>,
  { page, url, index, fileName }: { page: Page; url: string; index: number; fileName: string },
): Promise<JsonObject> {
  const { formats, viewport } = context.input;
  await page.setUserAgent({ userAgent: await honestUserAgent(page, 'page capture') });
  await page.setViewport(VIEWPORTS[viewport]);
  const response = await page.goto(url, {
    waitUntil: 'load',
    timeout: OPEN_TIMEOUT_MS,
    signal: context.signal,
  });
  // The proxy's own statuses for a connection that failed (proxy-chain), which no site has.
  if (response && response.status() >= 590) throw new AutomationError('PAGE_UNAVAILABLE', UNAVAILABLE);
  const files: { pdf?: string; png?: string } = {};
  const keep = async (extension: 'pdf' | 'png', contentType: string, body: Uint8Array) => {
    if (body.length > LARGEST_FILE)
      throw new AutomationError('PAGE_TOO_LARGE', 'The page is too large to keep.');
    const name = `${fileName}.${extension}`;
    await context.artifact({ name, contentType, body, rowIndex: index });
    files[extension] = name;
  };
  if (formats.includes('png')) await keep('png', 'image/png', await picture(page));
  if (formats.includes('pdf')) {
    const body = await page.pdf({ format: 'A4', printBackground: true, timeout: OPEN_TIMEOUT_MS });
    await keep('pdf', 'application/pdf', body);
  }
  return {
    title: (await page.title()).slice(0, 300),
    finalUrl: page.url().slice(0, 2000),
    httpStatus: response?.status() ?? null,
    ...files,
  };
}

async function picture(page: Page): Promise<Uint8Array> {
  const { width, height } = await page.evaluate(() => ({
    width: Math.max(innerWidth, document.documentElement.scrollWidth),
    height: Math.max(innerHeight, document.documentElement.scrollHeight),
  }));
  return page.screenshot({
    type: 'png',
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width: Math.min(width, WIDEST_PICTURE), height: Math.min(height, HIGHEST_PICTURE) },
  });
}

/** @throws what is not the page's fault */
function explain(
  error: unknown,
  browser: Browser,
  refusal: RowResult['error'],
): { code: string; message: string } {
  if (error instanceof ChromeError || error instanceof AutomationError) return error;
  if (!browser.connected) throw error;
  if (error instanceof TimeoutError) return { code: 'PAGE_TIMEOUT', message: 'The page took too long.' };
  const text = error instanceof Error ? error.message : '';
  if (!/net::ERR_|[Dd]etached|Execution context|Target closed|Session closed/.test(text)) throw error;
  if (refusal) return refusal;
  return text.includes('net::ERR_ABORTED')
    ? { code: 'PAGE_IS_A_FILE', message: 'The address leads to a file, not to a page.' }
    : { code: 'PAGE_UNAVAILABLE', message: UNAVAILABLE };
}
