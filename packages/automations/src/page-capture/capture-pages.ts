import type { JsonObject, NewRowResult } from '@gantry/contract';
import { readAnswerColumns } from '../answer-columns.ts';
import { AutomationError } from '../automation-error.ts';
import { countRows } from '../count-rows.ts';
import type { AutomationContext } from '../define-automation.ts';
import { keepResults } from '../results-files.ts';
import { toResultsTable } from '../results-table.ts';
import { type CaptureOptions, capturePage } from './capture-page.ts';
import { pageAnswer } from './page-answer.ts';

type Input = CaptureOptions & { urls: string[] };
type Target = Pick<NewRowResult, 'index' | 'key' | 'error'> & {
  /** Its line in the list; null for an address of the form. */
  line: number | null;
  fileName: string;
  duplicateOf: number | null;
};

/** What a page did to its browser, in words for its row. */
const FAILURES: Record<string, string> = {
  PAGE_CRASHED: 'The page crashed the tab that showed it.',
  BROWSER_CRASHED: 'The page crashed the browser that showed it.',
  BROWSER_OUT_OF_MEMORY: 'The page uses more memory than a job may have.',
  BROWSER_OUT_OF_DISK: 'The page stores more on the disk than a job may.',
  BROWSER_MESSAGE_TOO_LARGE: 'The page says more at once than its browser can pass on.',
  BROWSER_UNRESPONSIVE: 'The page keeps its browser so busy that it does not answer.',
};

/**
 * Captures the addresses of the list, then those of the form, each once.
 *
 * @param check evaluates an address before it is opened
 * @throws {AutomationError} NO_PAGES
 */
export async function capturePages(
  context: AutomationContext<Input>,
  check: (url: string) => URL,
): Promise<{ summary: JsonObject }> {
  const targets = listTargets(context);
  if (targets.length === 0) {
    throw new AutomationError(
      'NO_PAGES',
      'There is nothing to capture. Give at least one address, or attach a list.',
      { isPermanent: true },
    );
  }
  const results = new Map(context.completedRows);
  const showProgress = () => context.progress({ done: results.size, total: targets.length });
  const report = async (result: NewRowResult) => {
    await context.emitRow(result);
    results.set(result.index, result);
    showProgress();
  };
  showProgress();

  const open = targets.filter(({ index }) => !results.has(index));
  for (const { index, key, error } of open)
    if (error) await report({ index, key, status: 'invalid', data: {}, error });
  for (const { index, key, error, duplicateOf, fileName } of open) {
    if (error || duplicateOf !== null) continue;
    context.signal.throwIfAborted();
    if (context.browserFailure && context.checkpoint.get() === index) {
      await report(endedBrowser({ index, key }, context.browserFailure));
      continue;
    }
    await context.checkpoint.set(index);
    context.step(`Capturing ${key.slice(0, 150)}`, { rowIndex: index });
    const { result, stuck } = await capturePage(context, { index, url: key, fileName, check });
    await report(result);
    if (stuck) throw stuck;
  }
  for (const { index, duplicateOf } of open) {
    const first = duplicateOf === null ? undefined : results.get(duplicateOf);
    if (first) await report({ ...first, index, status: 'duplicate' });
  }

  context.step('Writing the results');
  const ordered = targets.flatMap(({ index }) => results.get(index) ?? []);
  await keepResults(
    context,
    toResultsTable({
      headers: ['URL'],
      answerColumns: readAnswerColumns(pageAnswer),
      rows: targets.map(({ index, key, line }) => ({ cells: [key], line, result: results.get(index) })),
    }),
  );
  return { summary: countRows(ordered) };
}

/** The answer for a page at which the browser failed: it is not opened again. */
function endedBrowser(
  row: { index: number; key: string },
  failure: { code: string; message: string },
): NewRowResult {
  const message = FAILURES[failure.code] ?? 'The browser ended while it showed the page.';
  return { ...row, status: 'failed', data: {}, error: { code: failure.code, message } };
}

/** The rows of the list, then the addresses of the form, whose rows are numbered on. */
function listTargets({ rows, input }: AutomationContext<Input>): Target[] {
  const firstByUrl = new Map<string, number>();
  const all = [
    ...rows.map(({ index, line, key, problem }) => ({
      index,
      line,
      fileName: `line-${fourDigits(line)}`,
      key,
      error: problem && { ...problem },
    })),
    ...input.urls.map((url, at) => ({
      index: rows.length + at,
      line: null,
      fileName: `page-${fourDigits(at + 1)}`,
      key: new URL(url).href,
      error: null,
    })),
  ];
  return all.map((target) => {
    const first = target.error ? undefined : firstByUrl.get(target.key);
    if (!target.error && first === undefined) firstByUrl.set(target.key, target.index);
    return { ...target, duplicateOf: first ?? null };
  });
}

function fourDigits(number: number): string {
  return String(number).padStart(4, '0');
}
