import type { Page } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import type { JsonObject } from '../define-automation.ts';

// Labels as the port writes them, with what else has been seen for the same thing.
const FIELDS = new Map([
  ['positionlocation', 'location'],
  ['position', 'location'],
  ['location', 'location'],
  ['yard', 'yard'],
  ['yardname', 'yard'],
  ['block', 'block'],
  ['timein', 'timeIn'],
  ['timeout', 'timeOut'],
  ['size', 'size'],
  ['height', 'height'],
  ['lastposition', 'lastPosition'],
  ['destination', 'destination'],
  ['offdockname', 'offDockName'],
  ['freightkind', 'freightKind'],
  ['description', 'description'],
  ['freightdescription', 'description'],
  ['containerno', 'containerNumber'],
]);

/** What the port says of a container: known fields under their names, all others under `other`. */
export type PortAnswer = { found: true; data: JsonObject } | { found: false };

/** Reads the answer page. @throws {AutomationError} SITE_MAINTENANCE, SITE_LAYOUT_CHANGED */
export async function readAnswer(page: Page): Promise<PortAnswer> {
  const { text, rows } = await page.evaluate(() => ({
    text: document.body.innerText,
    rows: [...document.querySelectorAll('tr')].map((row) =>
      [...row.querySelectorAll(':scope > td, :scope > th')].map((cell) => cell.textContent),
    ),
  }));
  const data = toData(rows.flatMap((cells) => readRow(cells)));
  // A page may repeat the number that was asked for and say below that it knows nothing of it.
  if (Object.keys(data).some((name) => name !== 'containerNumber' && name !== 'other'))
    return { found: true, data };
  if (/wrong container|not found|no record/i.test(text)) return { found: false };
  throwIfMaintenance(text);
  throw new AutomationError(
    'SITE_LAYOUT_CHANGED',
    'The port’s page looks different from what this automation knows.',
  );
}

/** @throws {AutomationError} SITE_MAINTENANCE */
export function throwIfMaintenance(text: string): void {
  if (/maintenance|temporarily unavailable|try again later/i.test(text)) {
    throw new AutomationError('SITE_MAINTENANCE', 'The port’s site is under maintenance.');
  }
}

/** A row is a label, a colon and a value. */
function readRow(cells: string[]): [label: string, value: string][] {
  const texts = cells.map((cell) => cell.replaceAll(/[\s\u00a0]+/g, ' ').trim());
  const [label = '', separator = '', value = ''] = texts;
  return texts.length === 3 && separator === ':' && label !== '' ? [[label, value]] : [];
}

function toData(answers: [string, string][]): JsonObject {
  const data: JsonObject = {};
  const other: JsonObject = {};
  for (const [label, value] of answers) {
    if (value === '') continue;
    const name = FIELDS.get(label.toLowerCase().replaceAll(/[^a-z]/g, ''));
    if (name === undefined) other[label] = value;
    else data[name] ??= value;
  }
  return Object.keys(other).length > 0 ? { ...data, other } : data;
}
