import { type Frame, type Page } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';

/** A visible cell of a table. `th` cells are labels whatever is beside them. */
export type Cell = {
  text: string;
  isHead: boolean;
  /** Whether all of its text is a link, as in a menu. */
  isLink: boolean;
  /** Whether it asks for a value. */
  isField: boolean;
};

/** What one document shows. */
export type DocumentContent = {
  title: string;
  text: string;
  /** The part of the text that is in menus and footers. */
  surroundings: string;
  /** The visible cells outside of menus and footers, row by row, table by table. */
  tables: Cell[][][];
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

/** @returns null for a frame that is not shown */
function readFrame(frame: Frame): Promise<DocumentContent | null> {
  return frame.evaluate((field) => {
    const MAX_TEXT = 100_000;
    const MAX_ROWS = 2_000;
    const SURROUNDINGS = 'nav, footer, [role="navigation"], [role="contentinfo"]';
    const ASKING =
      'select, textarea:not([readonly], [disabled]), input:not([readonly], [disabled], [type="hidden"], [type="submit"], [type="button"], [type="image"], [type="checkbox"])';
    const isShown = (element: Element) => element.checkVisibility();
    // What is hidden has all of its source as its text, scripts included.
    const isHiddenFrame =
      self !== top && (!isShown(document.documentElement) || innerWidth <= 1 || innerHeight <= 1);
    if (isHiddenFrame) return null;
    // What is in the shadow of an element belongs to the page as much.
    const roots: (Document | ShadowRoot)[] = [document];
    for (const root of roots)
      for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) roots.push(shadowRoot);
    const all = <Name extends Element>(selector: string) =>
      roots.flatMap((root) => [...root.querySelectorAll<Name>(selector)]);
    const isContent = (element: Element) => isShown(element) && !element.closest(SURROUNDINGS);
    const textOf = (cell: HTMLElement) =>
      [
        cell.innerText,
        ...[...cell.querySelectorAll<HTMLInputElement>('input[readonly], input[disabled]')].map((shown) =>
          shown.type === 'hidden' ? '' : shown.value,
        ),
      ].join(' ');
    const refresh = document.querySelector('meta[http-equiv="refresh" i]');
    const seconds = Number.parseFloat(refresh?.getAttribute('content') ?? '');
    const tables = all<HTMLTableElement>('table').map((table) =>
      [...table.rows].slice(0, MAX_ROWS).map((row) =>
        [...row.cells]
          // What holds a table of its own is there for the layout; the table is read by itself.
          .filter((cell) => isContent(cell) && !cell.querySelector('table'))
          .map((cell) => ({
            text: textOf(cell),
            isHead: cell.tagName === 'TH',
            isLink: cell.querySelector('a')?.innerText.trim() === cell.innerText.trim(),
            isField: cell.tagName === 'TD' && cell.querySelector(ASKING) !== null,
          })),
      ),
    );
    const terms = all<HTMLElement>('dt').flatMap((term): [string, string][] => {
      let next = term.nextElementSibling;
      while (next?.tagName === 'DT') next = next.nextElementSibling;
      return next instanceof HTMLElement && next.tagName === 'DD' && isContent(term) && isShown(next)
        ? [[term.innerText, next.innerText]]
        : [];
    });
    return {
      title: document.title.slice(0, 1_000),
      text: [
        document.body?.innerText ?? '',
        ...roots.flatMap((root) =>
          root === document
            ? []
            : [...root.children].map((child) => (child instanceof HTMLElement ? child.innerText : '')),
        ),
        ...all<HTMLInputElement>('input[readonly], input[disabled]').map((shown) =>
          isShown(shown) ? shown.value : '',
        ),
      ]
        .join('\n')
        .slice(0, MAX_TEXT),
      surroundings: [...document.querySelectorAll<HTMLElement>(SURROUNDINGS)]
        .filter(isShown)
        .map((element) => element.innerText)
        .join('\n')
        .slice(0, MAX_TEXT),
      tables,
      terms,
      isParsed: document.readyState !== 'loading',
      isStatic:
        document.readyState !== 'loading' &&
        document.querySelector(
          'script, iframe, frame, object, embed, [onload], meta[http-equiv="refresh" i]',
        ) === null,
      refreshSeconds: refresh && !Number.isNaN(seconds) ? seconds : null,
      hasField: document.querySelector(field) !== null,
      hasPassword: all('input[type="password"]').some(isShown),
      hasChallenge:
        document.querySelector(
          '.g-recaptcha, .h-captcha, .cf-turnstile, #challenge-form, #challenge-running, iframe[src*="captcha" i], iframe[src*="challenges.cloudflare.com"], img[src*="captcha" i], input[name*="captcha" i]',
        ) !== null,
    };
  }, FIELD);
}
