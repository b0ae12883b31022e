import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readSheet } from '@gantry/sheet';
import { expect, test } from 'vitest';

import { longList, smallList } from '../scripts/sample-lists.ts';
import { answerFor } from '../src/demo-port/answers.ts';
import { createAutomations } from '../src/index.ts';

const [tracking] = createAutomations({
  ctgPort: { baseUrl: 'https://port.example/', pauseMs: 0, pageTimeoutMs: 1_000 },
  pageCapture: { allowPrivateOrigins: [] },
});

/** What the service finds in a list, and how much of it the demo port does not know. */
async function read(text: string) {
  if (!tracking?.file) throw new Error('The service takes no file.');
  const sheet = await readSheet(new TextEncoder().encode(text), tracking.file);
  const asked = sheet.rows.filter((row) => !row.problem && row.duplicateOf === null);
  return { ...sheet.counts, unknown: asked.filter(({ key }) => !answerFor(key).found).length };
}

test('the sample list has one of everything that can happen to a row', async () => {
  expect(await read(smallList())).toEqual({ total: 20, valid: 18, invalid: 1, duplicate: 1, unknown: 1 });
});

test('the long sample list is what a forwarder sends', async () => {
  expect(await read(longList())).toEqual({ total: 300, valid: 292, invalid: 3, duplicate: 5, unknown: 22 });
});

test('the lists in the repository are the ones that are made', async () => {
  const examples = join(import.meta.dirname, '../../../examples');
  expect(await readFile(join(examples, 'fcr_numbers.csv'), 'utf8')).toBe(smallList());
  expect(await readFile(join(examples, 'fcr_numbers_300.csv'), 'utf8')).toBe(longList());
});
