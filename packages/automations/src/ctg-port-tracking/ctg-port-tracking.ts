import { setTimeout as pause } from 'node:timers/promises';

import type { SheetRow } from '@gantry/sheet';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';

import { AutomationError } from '../automation-error.ts';
import {
  type Automation,
  type AutomationContext,
  defineAutomation,
  type RowResult,
} from '../define-automation.ts';
import { keepResults } from '../results-files.ts';
import type { PortAnswer } from './read-answer.ts';
import { toResultsTable } from './results-table.ts';
import { type PortSite, searchContainer } from './search-container.ts';

/** Where the port is, and how gently it is asked. */
export type PortSettings = PortSite & {
  /** Between two searches, and the unit of the pauses between tries. */
  pauseMs: number;
};

const TRIES = 3;
/** So many rows in a row without an answer mean that the site is down, not that the rows are hard. */
const MOST_FAILURES_IN_A_ROW = 5;
const NAMES = [
  'Container',
  'Container No',
  'Container Number',
  'Cntr',
  'Cntr No',
  'Cont No',
  'Container ID',
  'Box No',
];

/** Looks up where containers are at the port of Chattogram (Chittagong). */
export function createCtgPortTracking(settings: PortSettings): Automation {
  const { origin, hostname } = new URL(settings.baseUrl);
  return defineAutomation({
    id: 'ctg-port-tracking',
    name: 'CTG Port Authority Tracking',
    description:
      'Finds where your containers are at the port of Chattogram: location, yard, block, time in and time out, one search for each number of your list.',
    category: 'Ports',
    version: '1',
    input: z.strictObject({}),
    file: {
      required: true,
      formats: ['csv', 'xlsx'],
      maxBytes: 10_000_000,
      maxRows: 5_000,
      keyColumn: 'container',
      columns: [
        { key: 'container', label: 'Container number', aliases: NAMES, format: 'iso6346', required: true },
      ],
    },
    // 300 rows at the port's slowest take that long, and a retry goes on where it was.
    timeoutMs: 4 * 3_600_000,
    egress: isPrivate(hostname)
      ? { allowPublic: false, allowPrivateOrigins: [origin] }
      : { allowPublic: [hostname], allowPrivateOrigins: [] },
    run: (context) => track(context, settings),
  });
}

async function track(context: AutomationContext, settings: PortSettings) {
  const results = new Map(context.completedRows);
  const total = context.rows.length;
  const report = async (result: RowResult) => {
    await context.emitRow(result);
    results.set(result.index, result);
    context.progress({ done: results.size, total });
  };
  await context.page.setUserAgent({
    userAgent: `${await context.page.browser().userAgent()} Gantry/0.1 (container tracking)`,
  });
  context.progress({ done: results.size, total });
  if (results.size > 0)
    context.log('info', `${results.size} of ${total} rows were done before; going on after them.`);

  context.step('Checking the list');
  for (const row of context.rows)
    if (row.problem && !results.has(row.index)) await report(invalid(row, row.problem));

  let failures = 0;
  for (const row of context.rows) {
    if (results.has(row.index) || row.duplicateOf !== null) continue;
    context.signal.throwIfAborted();
    context.step(`Looking up ${row.key}`);
    const result = await lookUp(context, settings, row);
    failures = result.status === 'failed' && result.error?.code !== 'CONTAINER_NOT_FOUND' ? failures + 1 : 0;
    if (failures === MOST_FAILURES_IN_A_ROW) {
      throw new AutomationError(
        result.error?.code ?? 'SITE_UNAVAILABLE',
        `${result.error?.message ?? ''} The job goes on later.`,
      );
    }
    await report(result);
    await pause(settings.pauseMs, undefined, { signal: context.signal });
  }
  for (const row of context.rows) {
    const first = row.duplicateOf === null ? undefined : results.get(row.duplicateOf);
    if (first && !results.has(row.index)) await report({ ...first, index: row.index, status: 'duplicate' });
  }

  context.step('Writing the results');
  const ordered = context.rows.flatMap((row) => results.get(row.index) ?? []);
  await keepResults(context, toResultsTable(context, ordered));
  const count = (status: RowResult['status']) => ordered.filter((result) => result.status === status).length;
  return {
    summary: {
      total,
      completed: count('completed'),
      failed: count('failed'),
      invalid: count('invalid'),
      duplicate: count('duplicate'),
    },
  };
}

/** Asks the port, several times if it misbehaves. An answer that says "not found" is an answer. */
async function lookUp(context: AutomationContext, settings: PortSettings, row: SheetRow): Promise<RowResult> {
  const base = { index: row.index, key: row.key };
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === TRIES;
    const keepEvidence = async (page: Page, answer: PortAnswer | null) => {
      if (answer ? !answer.found : isLast) await keepScreenshot(context, page, row);
    };
    try {
      const answer = await searchContainer(context.page, settings, row.key, keepEvidence);
      if (answer.found) return { ...base, status: 'completed', data: answer.data, error: null };
      return {
        ...base,
        status: 'failed',
        data: {},
        error: { code: 'CONTAINER_NOT_FOUND', message: 'The port does not know this container.' },
      };
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof AutomationError)) throw error;
      context.log('warn', `${row.key}: ${error.message}`, { code: error.code, try: attempt });
      if (isLast)
        return { ...base, status: 'failed', data: {}, error: { code: error.code, message: error.message } };
      // The form may be the one of a broken page: the next try opens it anew.
      await context.page.goto('about:blank');
      await pause(settings.pauseMs * 2 ** attempt, undefined, { signal: context.signal });
    }
  }
}

async function keepScreenshot(context: AutomationContext, page: Page, row: SheetRow): Promise<void> {
  const body = await page.screenshot({ type: 'png' });
  const name = `row-${String(row.index + 1).padStart(4, '0')}-${row.key}.png`;
  await context.artifact({ name, contentType: 'image/png', body, rowIndex: row.index });
}

function invalid(row: SheetRow, problem: { code: string; message: string }): RowResult {
  return {
    index: row.index,
    key: row.key,
    status: 'invalid',
    data: {},
    error: { code: problem.code, message: problem.message },
  };
}

function isPrivate(hostname: string): boolean {
  return /^(localhost|127\.|\[::1\]|10\.|192\.168\.)/.test(hostname) || !hostname.includes('.');
}
