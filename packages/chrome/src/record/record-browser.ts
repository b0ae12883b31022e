import type { Page } from 'puppeteer-core';

import { Redactor } from '../redact/redactor.ts';
import { type ConsoleLine, ConsoleLog } from './console-log.ts';
import { cutText } from './cut-text.ts';
import { type HarParts, toHar } from './har.ts';
import { NetworkLog } from './network-log.ts';
import { readBodies } from './read-bodies.ts';
import { takeTurns } from './take-turns.ts';
import { watchPages } from './watch-pages.ts';

const MAX_PAGES = 200;
const MAX_HTML_LENGTH = 1_000_000;

/** What was recorded, in words that hold no secret. */
export type Evidence = {
  /** One line for each. Empty if nothing was said. */
  console: string;
  /** HAR 1.2, as JSON. */
  har: string;
  /** The page, as the browser writes it out, cleaned of every secret that was seen; the first 1,000,000 characters. */
  cleanHtml: (html: string) => string;
  /** The same for any other text. */
  cleanText: (text: string) => string;
};

/** What the pages of a browser say and ask for, recorded on our side: it is there whatever becomes of the browser. */
export type Recording = {
  /**
   * Writes down what has been recorded so far.
   *
   * @param o.html pages as they are now: what is secret there is secret in all the rest
   * @param o.secrets the same of a value of JSON, such as what the run was given
   * @param o.signal when it is aborted, the browser is asked for nothing more
   */
  collect(o: { html: string[]; secrets: unknown; signal: AbortSignal }): Promise<Evidence>;
};

/**
 * Records the console and the network of all pages of a browser from now on, in bounded memory.
 *
 * @param onLine called with each line of a console, secrets included
 */
export async function recordBrowser(own: Page, onLine?: (line: ConsoleLine) => void): Promise<Recording> {
  const consoleLog = new ConsoleLog(onLine);
  const network = new NetworkLog();
  const openedAt = new Map<number, number>();
  await watchPages(own, ({ session, number, isFrame }) => {
    if (!isFrame) openedAt.set(number, Date.now());
    if (openedAt.size > MAX_PAGES) openedAt.delete(openedAt.keys().next().value ?? 0);
    return [...consoleLog.listen(session, number), ...network.listen(session, number)];
  });
  return {
    async collect({ html, secrets, signal }) {
      const exchanges = network.exchanges;
      const lines = consoleLog.toLines();
      const parts: HarParts = {
        ...exchanges,
        openedAt: new Map(openedAt),
        bodies: await readBodies(exchanges.exchanges, signal),
      };
      const redactor = new Redactor();
      const write = async () => ({
        console: await cleanLines(lines, redactor),
        har: JSON.stringify(await toHar(parts, redactor)),
      });
      // Once to learn what is secret, and once more now that it is known.
      redactor.json(secrets);
      for (const page of html) redactor.html(cutText(page, MAX_HTML_LENGTH));
      await write();
      return {
        ...(await write()),
        cleanHtml: (page) => redactor.html(cutText(page, MAX_HTML_LENGTH)),
        cleanText: (text) => redactor.text(text),
      };
    },
  };
}

/** One by one, so that others have their turns meanwhile. */
async function cleanLines(lines: readonly string[], redactor: Redactor): Promise<string> {
  const turn = takeTurns();
  const clean: string[] = [];
  for (const line of lines) {
    await turn();
    clean.push(redactor.text(line));
  }
  return clean.join('\n');
}
