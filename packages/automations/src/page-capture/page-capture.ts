import { ChromeError, checkUrl } from '@gantry/chrome';
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

const MOST_URLS = 50;
const PAGE_TIMEOUT_MS = 30_000;
/** Chrome draws no picture that is higher. */
const HIGHEST_PICTURE = 15_000;
const VIEWPORTS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
};

const input = z.strictObject({
  urls: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(MOST_URLS)
    .default([])
    .meta({ title: 'Web addresses', description: 'One on each line; or attach a list.' }),
  formats: z
    .array(z.enum(['pdf', 'png']))
    .min(1)
    .max(2)
    .default(['pdf', 'png'])
    .meta({ title: 'Keep as' }),
  viewport: z.enum(['desktop', 'phone']).default('desktop').meta({ title: 'Seen on a' }),
});

type Input = z.output<typeof input>;
type PageToCapture = { index: number; url: string };

/** Keeps web pages as PDF and picture. `allowPrivateOrigins` is for sites of one's own network. */
export function createPageCapture(settings: { allowPrivateOrigins: string[] }): Automation {
  const egress = { allowPublic: true, allowPrivateOrigins: settings.allowPrivateOrigins };
  return defineAutomation({
    id: 'page-capture',
    name: 'Page capture',
    description:
      'Keeps web pages as they are today: a PDF and a full-page picture of each address of your list.',
    category: 'Web',
    version: '1',
    input,
    file: {
      required: false,
      formats: ['csv', 'xlsx'],
      maxBytes: 1_000_000,
      maxRows: 500,
      keyColumn: 'url',
      columns: [
        {
          key: 'url',
          label: 'URL',
          aliases: ['Address', 'Link', 'Web address', 'Website', 'Page'],
          format: 'url',
          required: true,
        },
      ],
    },
    timeoutMs: 3_600_000,
    egress,
    run: (context) => capture(context, (url) => checkUrl(url, egress)),
  });
}

async function capture(context: AutomationContext<Input>, check: (url: string) => URL) {
  const { rows, completedRows } = context;
  const pages: PageToCapture[] = [
    ...rows
      .filter((row) => !row.problem && row.duplicateOf === null)
      .map((row) => ({ index: row.index, url: row.key })),
    ...context.input.urls.map((url, position) => ({ index: rows.length + position, url })),
  ];
  if (rows.length + context.input.urls.length === 0) {
    throw new AutomationError(
      'NO_PAGES',
      'There is nothing to capture. Give at least one address, or attach a list.',
      { isPermanent: true },
    );
  }
  const results = new Map(completedRows);
  const total = rows.length + context.input.urls.length;
  const report = async (result: RowResult) => {
    await context.emitRow(result);
    results.set(result.index, result);
    context.progress({ done: results.size, total });
  };
  for (const row of rows) {
    if (row.problem && !results.has(row.index)) {
      await report({
        index: row.index,
        key: row.key,
        status: 'invalid',
        data: {},
        error: { ...row.problem },
      });
    }
  }
  await context.page.setViewport(VIEWPORTS[context.input.viewport]);
  for (const page of pages) {
    if (results.has(page.index)) continue;
    context.signal.throwIfAborted();
    context.step(`Capturing ${page.url.slice(0, 150)}`);
    await report(await captureOne(context, page, check));
  }
  for (const row of rows) {
    const first = row.duplicateOf === null ? undefined : results.get(row.duplicateOf);
    if (first && !results.has(row.index)) await report({ ...first, index: row.index, status: 'duplicate' });
  }

  const ordered = [...results.values()].toSorted((a, b) => a.index - b.index);
  const text = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  await keepResults(context, {
    headers: ['URL', 'Status', 'Title', 'Final URL', 'HTTP status', 'Problem'],
    rows: ordered.map((row) => [
      row.key,
      row.status,
      text(row.data['title']),
      text(row.data['finalUrl']),
      text(row.data['httpStatus']),
      row.error?.message ?? '',
    ]),
  });
  const count = (status: RowResult['status']) => ordered.filter((row) => row.status === status).length;
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

async function captureOne(
  context: AutomationContext<Input>,
  { index, url }: PageToCapture,
  check: (url: string) => URL,
): Promise<RowResult> {
  const { page } = context;
  try {
    const response = await page.goto(check(url).href, { waitUntil: 'load', timeout: PAGE_TIMEOUT_MS });
    const name = `page-${String(index + 1).padStart(4, '0')}`;
    if (context.input.formats.includes('png')) {
      await context.artifact({
        name: `${name}.png`,
        contentType: 'image/png',
        body: await picture(page),
        rowIndex: index,
      });
    }
    if (context.input.formats.includes('pdf')) {
      const body = await page.pdf({ format: 'A4', printBackground: true, timeout: PAGE_TIMEOUT_MS });
      await context.artifact({ name: `${name}.pdf`, contentType: 'application/pdf', body, rowIndex: index });
    }
    const data = {
      title: (await page.title()).slice(0, 300),
      finalUrl: page.url().slice(0, 2000),
      httpStatus: response?.status() ?? null,
    };
    return { index, key: url, status: 'completed', data, error: null };
  } catch (error) {
    context.signal.throwIfAborted();
    const code = error instanceof ChromeError ? error.code : 'PAGE_UNAVAILABLE';
    const message = error instanceof ChromeError ? error.message : 'The page could not be opened.';
    context.log('warn', `${url.slice(0, 200)}: ${message}`, { code });
    return { index, key: url, status: 'failed', data: {}, error: { code, message } };
  }
}

async function picture(page: Page): Promise<Uint8Array> {
  const size = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
  }));
  if (size.height <= HIGHEST_PICTURE) return page.screenshot({ type: 'png', fullPage: true });
  return page.screenshot({
    type: 'png',
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width: size.width, height: HIGHEST_PICTURE },
  });
}
