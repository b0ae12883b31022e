import { ChromeError } from '@gantry/chrome';
import type { JsonObject, NewRowResult } from '@gantry/contract';
import { type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import { closeOtherTabs } from '../close-other-tabs.ts';
import type { AutomationContext } from '../define-automation.ts';
import { honestUserAgent } from '../honest-user-agent.ts';
import { withDeadline } from '../with-deadline.ts';
import { openTab, stuckTabs } from './open-tab.ts';
import { printPage } from './print-page.ts';
import { isLeaving } from './settle-page.ts';
import type { TabWatch } from './tab-watch.ts';
import { MAX_HEIGHT, takePictures } from './take-pictures.ts';
import { awaitPage, keepsMoving, openPage } from './visit-page.ts';

/** What is kept of a page, and how it is seen. */
export type CaptureOptions = { formats: ('pdf' | 'png')[]; viewport: 'desktop' | 'phone' };

type File = { name: string; contentType: string; body: Uint8Array };
type Target = {
  index: number;
  url: string;
  /** Name of its files, without extension. */
  fileName: string;
  check: (url: string) => URL;
};

/** For all of a page. */
const PAGE_TIMEOUT_MS = 90_000;
/** A page that leads on while it is captured is captured again. */
const MAX_CAPTURES = 3;
const MAX_FILE_BYTES = 40_000_000;
const VIEWPORTS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
};

/**
 * Captures one page in a tab of its own. What is wrong with the page is in the result; nothing else is.
 *
 * @returns with the error of a tab that could not be closed: the browser is of no use any more then
 */
export async function capturePage(
  context: AutomationContext<CaptureOptions>,
  target: Target,
): Promise<{ result: NewRowResult; stuck: ChromeError | null }> {
  const { index, url } = target;
  const base = { index, key: url };
  const files: File[] = [];
  let leadsTo = url;
  let stuck: ChromeError | null = null;
  let result: NewRowResult;
  try {
    target.check(url);
    try {
      const { page, watch } = await openTab(context.page, url);
      const work = capture(context, { ...target, page, watch, files }).finally(() => {
        leadsTo = watch.leadsTo;
      });
      const data = await withDeadline(Promise.race([work, watch.ended]), PAGE_TIMEOUT_MS);
      result = { ...base, status: 'completed', data, error: null };
    } finally {
      if (!(await closeOtherTabs(context.page))) stuck = stuckTabs();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!context.page.browser().connected || isBrowserFailure(error)) throw error;
    const { code, message } = explain(error, context.refusalOf(leadsTo));
    context.log('warn', `${url.slice(0, 200)}: ${message}`, { code });
    result = { ...base, status: 'failed', data: {}, error: { code, message } };
  }
  for (const file of files) await context.artifact({ ...file, rowIndex: index });
  return { result, stuck };
}

async function capture(
  context: AutomationContext<CaptureOptions>,
  o: Target & { page: Page; watch: TabWatch; files: File[] },
): Promise<JsonObject> {
  const { page, watch } = o;
  const { signal, input } = context;
  await page.setUserAgent({ userAgent: await honestUserAgent(page, 'page capture') });
  await page.setViewport(VIEWPORTS[input.viewport]);
  // In the full Chrome only the tab in front is drawn.
  await page.bringToFront();
  const isWhole = await openPage(page, watch, o.url, signal);
  for (let captures = 1; ; captures += 1) {
    const notes = await awaitPage(page, watch, { maxHeight: MAX_HEIGHT, signal });
    if (!isWhole) notes.push('The page was still being sent after 30 s; it was kept as far as it had come.');
    const { documents } = watch;
    const finalUrl = page.url();
    o.files.length = 0;
    try {
      const title = (await page.title()).slice(0, 300);
      notes.push(...(await captureFiles(page, o, input.formats)));
      const isHere = watch.documents === documents && !watch.isMoving;
      // A page that only renews itself is the same page.
      if (isHere || (captures === MAX_CAPTURES && page.url() === finalUrl))
        return {
          title,
          finalUrl: finalUrl.slice(0, 2000),
          httpStatus: watch.response?.status() ?? null,
          ...firstNames(o.files),
          ...(notes.length > 0 && { note: notes.join(' ') }),
        };
    } catch (error) {
      if (!isLeaving(error)) throw error;
    }
    if (captures === MAX_CAPTURES) {
      o.files.length = 0;
      throw keepsMoving();
    }
  }
}

/** @returns notes on what is not in the files */
async function captureFiles(
  page: Page,
  { fileName, files }: { fileName: string; files: File[] },
  formats: CaptureOptions['formats'],
): Promise<string[]> {
  const add = (file: File) => {
    if (file.body.length > MAX_FILE_BYTES)
      throw new AutomationError('PAGE_TOO_LARGE', 'The page is too large to keep.');
    files.push(file);
  };
  const notes: string[] = [];
  if (formats.includes('png')) {
    const taken = await takePictures(page);
    for (const [at, body] of taken.pictures.entries())
      add({ name: `${fileName}${at === 0 ? '' : `-${at + 1}`}.png`, contentType: 'image/png', body });
    notes.push(...taken.notes);
  }
  if (formats.includes('pdf')) {
    const printed = await printPage(page);
    if (printed.pdf) add({ name: `${fileName}.pdf`, contentType: 'application/pdf', body: printed.pdf });
    else if (files.length === 0) throw new AutomationError('PAGE_EMPTY', printed.notes.join(' '));
    notes.push(...printed.notes);
  }
  return notes;
}

/** Where the row leads: the PDF, and the first picture. */
function firstNames(files: File[]): { pdf?: string; png?: string } {
  const nameOf = (type: string) => files.find(({ contentType }) => contentType === type)?.name;
  const [pdf, png] = [nameOf('application/pdf'), nameOf('image/png')];
  return { ...(pdf && { pdf }), ...(png && { png }) };
}

/** Whether it says nothing of a page, but that the browser is of no use any more. */
function isBrowserFailure(error: unknown): boolean {
  return error instanceof ChromeError && error.code.startsWith('BROWSER_');
}

function explain(error: unknown, refusal: NewRowResult['error']): { code: string; message: string } {
  // To the browser an address that was refused is a site that cannot be reached.
  if (refusal && error instanceof AutomationError && error.code === 'PAGE_UNAVAILABLE') return refusal;
  if (error instanceof ChromeError || error instanceof AutomationError) return error;
  if (error instanceof TimeoutError)
    return {
      code: 'PAGE_TIMEOUT',
      message: `The page was not captured within ${PAGE_TIMEOUT_MS / 1000} s.`,
    };
  return { code: 'PAGE_FAILED', message: 'The page cannot be captured: the browser fails at it.' };
}
