import { type Frame, type Page } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';

/** What one document shows. */
export type DocumentContent = {
  text: string;
  /** The texts of table cells, row by row, table by table. `th` cells are labels whatever stands beside them. */
  tables: { text: string; isHead: boolean }[][][];
  /** Terms and descriptions of lists. */
  terms: [term: string, description: string][];
  /** Whether all of its source has come. */
  isParsed: boolean;
  /** Whether nothing in it can change it: no script, no frame, no redirect. */
  isStatic: boolean;
  /** Seconds until it leads elsewhere by itself; null if it does not. */
  refreshSeconds: number | null;
  hasField: boolean;
  hasPassword: boolean;
  hasChallenge: boolean;
};

const FRAME_DEADLINE_MS = 2_000;
const MAX_FRAMES = 20;

/** The port's field for the number of a container. */
export const FIELD = '#containerLocation';

/** Reads a page and the frames in it, whatever sites they are of. Leaves out what does not answer. */
export async function readPage(page: Page): Promise<DocumentContent[]> {
  const contents = await Promise.all(
    page
      .frames()
      .slice(0, MAX_FRAMES)
      .map((frame) => withDeadline(readFrame(frame), FRAME_DEADLINE_MS).catch(() => null)),
  );
  return contents.filter((content) => content !== null);
}

function readFrame(frame: Frame): Promise<DocumentContent> {
  return frame.evaluate((field) => {
    const MAX_TEXT = 100_000;
    const MAX_ROWS = 2_000;
    const isShown = (element: Element) => element.checkVisibility();
    const refresh = document.querySelector('meta[http-equiv="refresh" i]');
    const seconds = Number.parseFloat(refresh?.getAttribute('content') ?? '');
    const tables = [...document.querySelectorAll('table')].map((table) =>
      [...table.rows].slice(0, MAX_ROWS).map((row) =>
        [...row.cells]
          // What holds a table of its own is there for the layout; the table is read by itself.
          .filter((cell) => !cell.querySelector('table'))
          .map((cell) => ({ text: cell.innerText, isHead: cell.tagName === 'TH' })),
      ),
    );
    const terms = [...document.querySelectorAll('dt')].flatMap((term): [string, string][] => {
      let next = term.nextElementSibling;
      while (next?.tagName === 'DT') next = next.nextElementSibling;
      return next?.tagName === 'DD' ? [[term.innerText, next.textContent]] : [];
    });
    return {
      text: `${document.title}\n${document.body?.innerText ?? ''}`.slice(0, MAX_TEXT),
      tables,
      terms,
      isParsed: document.readyState !== 'loading',
      isStatic:
        document.readyState !== 'loading' &&
        document.querySelector('script, iframe, frame, [onload], meta[http-equiv="refresh" i]') === null,
      refreshSeconds: refresh && !Number.isNaN(seconds) ? seconds : null,
      hasField: document.querySelector(field) !== null,
      hasPassword: [...document.querySelectorAll('input[type="password"]')].some(isShown),
      hasChallenge:
        document.querySelector(
          '.g-recaptcha, .h-captcha, .cf-turnstile, #challenge-form, #challenge-running, iframe[src*="captcha" i], iframe[src*="challenges.cloudflare.com"], img[src*="captcha" i], input[name*="captcha" i]',
        ) !== null,
    };
  }, FIELD);
}
