import type { NewRowResult } from '@gantry/contract';
import { expect } from 'vitest';

import { createAutomations } from '../src/index.ts';
import { openBrowser, prepareRun } from './fixture.ts';
import { knownNumbers } from './numbers.ts';
import { type Behaviour, openRoughPort } from './rough-port.ts';

/** Looks a container up for each behaviour of a site, in one list. */
export async function lookUp(
  behaviours: readonly Behaviour[],
  o: Pick<Parameters<typeof openRoughPort>[0], 'form' | 'pages'> & { pageTimeoutMs?: number } = {},
) {
  const numbers = knownNumbers(behaviours.length);
  await using port = await openRoughPort({
    behaviours: new Map(behaviours.map((behaviour, index) => [numbers[index] ?? '', behaviour])),
    ...o,
  });
  const [automation] = createAutomations({
    ctgPort: { baseUrl: port.url, pauseMs: 1, pageTimeoutMs: o.pageTimeoutMs ?? 30_000 },
    pageCapture: { allowPrivateOrigins: [] },
  });
  if (!automation) throw new Error('There is no automation.');
  await using browser = await openBrowser(automation.egress);
  const run = await prepareRun({
    automation,
    page: browser.page,
    refusalOf: browser.refusalOf,
    file: `Container\n${numbers.join('\n')}\n`,
  });
  await run.finish();
  expect(await browser.browser.pages()).toHaveLength(1);
  const rows = run.rows.toSorted((a, b) => a.index - b.index);
  return { rows, row: rows[0], searches: port.searches, files: run.files };
}

/** What a row says: its location, or the code of its error. */
export const outcome = ({ status, data, error }: NewRowResult) =>
  status === 'completed' ? data['location'] : error?.code;
