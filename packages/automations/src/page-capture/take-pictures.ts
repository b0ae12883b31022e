import { type PictureClip, takePicture } from '@gantry/chrome';
import type { Page } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import { askPage } from './ask-page.ts';

/** Chrome draws no picture that is higher. */
const MAX_PICTURE_HEIGHT = 15_000;
const MAX_PICTURES = 8;
const MAX_WIDTH = 4_000;
const PICTURE_TIMEOUT_MS = 15_000;

/** How much of a page pictures show, in pixels. */
export const MAX_HEIGHT = MAX_PICTURES * MAX_PICTURE_HEIGHT;

/**
 * Takes pictures of a page from its top to its end: one, or several of a high page.
 *
 * @returns with notes on what is cut
 * @throws {AutomationError} PAGE_NOT_DRAWN
 */
export async function takePictures(page: Page): Promise<{ pictures: Uint8Array[]; notes: string[] }> {
  const { width, height } = await askPage(page.evaluate(measure));
  const pictures: Uint8Array[] = [];
  const bottom = Math.min(height, MAX_HEIGHT);
  // Of one height, so that none is a sliver.
  const step = Math.ceil(bottom / Math.ceil(bottom / MAX_PICTURE_HEIGHT));
  for (let y = 0; y < bottom; y += step) {
    const clip = { x: 0, y, width: Math.min(width, MAX_WIDTH), height: Math.min(bottom - y, step) };
    pictures.push(await drawPart(page, clip));
  }
  const notes: string[] = [];
  if (pictures.length > 1) notes.push(`The page is kept in ${pictures.length} pictures.`);
  if (height > bottom) notes.push(`The pictures end after ${bottom} of ${height} pixels.`);
  if (width > MAX_WIDTH) notes.push(`The pictures show the left ${MAX_WIDTH} of ${width} pixels.`);
  return { pictures, notes };
}

async function drawPart(page: Page, clip: PictureClip): Promise<Uint8Array> {
  try {
    return await takePicture(page, { timeoutMs: PICTURE_TIMEOUT_MS, clip });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
    throw new AutomationError(
      'PAGE_NOT_DRAWN',
      `The browser did not draw the page within ${PICTURE_TIMEOUT_MS / 1000} s.`,
    );
  }
}

/** Runs in the page. */
function measure(): { width: number; height: number } {
  return {
    width: Math.max(innerWidth, document.documentElement.scrollWidth),
    height: Math.max(innerHeight, document.documentElement.scrollHeight),
  };
}
