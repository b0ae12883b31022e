import { type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import { askPage } from './ask-page.ts';
import { readPage } from './read-page.ts';

const PRINT_TIMEOUT_MS = 30_000;
/** A print version with less than one in so many letters, and without a picture, is as good as empty. */
const LETTERS_TO_ONE = 20;

/** What a PDF has that shows anything: letters, pictures, drawings. */
const SHOWN = /\/(FontFile|Font|XObject|Shading|Pattern)\b/;

/**
 * Makes a PDF of a page; of what the screen shows, where the print version is empty.
 *
 * @returns no PDF of a page that removes what it shows when it is printed
 * @throws {AutomationError} PAGE_TIMEOUT
 */
export async function printPage(page: Page): Promise<{ pdf: Uint8Array | null; notes: string[] }> {
  const onScreen = await askPage(page.evaluate(readPage));
  await page.emulateMediaType('print');
  const onPaper = await askPage(page.evaluate(readPage));
  const isEmpty =
    !onPaper.media && (onScreen.media || onScreen.text > 0) && onPaper.text * LETTERS_TO_ONE <= onScreen.text;
  await page.emulateMediaType(isEmpty ? 'screen' : undefined);
  try {
    const pdf = await page.pdf({
      format: 'A4',
      printBackground: true,
      // They were waited for with the rest, and are not ready while anything does not answer.
      waitForFonts: false,
      timeout: PRINT_TIMEOUT_MS,
    });
    if (onScreen.text > 0 && !SHOWN.test(Buffer.from(pdf).toString('latin1')))
      return { pdf: null, notes: ['The page removes its text when it is printed; there is no PDF.'] };
    return {
      pdf,
      notes: isEmpty ? ['The print version of the page is empty; the PDF shows what the screen shows.'] : [],
    };
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new AutomationError(
      'PAGE_TIMEOUT',
      `The page could not be made into a PDF within ${PRINT_TIMEOUT_MS / 1000} s.`,
    );
  }
}
