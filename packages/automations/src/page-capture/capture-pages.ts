import { AutomationError } from '../automation-error.ts';
import { countRows } from '../count-rows.ts';
import type { AutomationContext, JsonObject, RowResult } from '../define-automation.ts';
import { keepResults } from '../results-files.ts';
import { type CaptureOptions, capturePage } from './capture-page.ts';

type Input = CaptureOptions & { urls: string[] };
type Target = Pick<RowResult, 'index' | 'key' | 'error'> & { duplicateOf: number | null };

/**
 * Captures the addresses of the list, then those of the form, each once.
 *
 * @param check judges an address before it is opened
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
  const report = async (result: RowResult) => {
    await context.emitRow(result);
    results.set(result.index, result);
    showProgress();
  };
  showProgress();

  const open = targets.filter(({ index }) => !results.has(index));
  for (const { index, key, error } of open)
    if (error) await report({ index, key, status: 'invalid', data: {}, error });
  for (const { index, key, error, duplicateOf } of open) {
    if (error || duplicateOf !== null) continue;
    context.signal.throwIfAborted();
    context.step(`Capturing ${key.slice(0, 150)}`);
    await report(await capturePage(context, { index, url: key, check }));
  }
  for (const { index, duplicateOf } of open) {
    const first = duplicateOf === null ? undefined : results.get(duplicateOf);
    if (first) await report({ ...first, index, status: 'duplicate' });
  }

  context.step('Writing the results');
  const ordered = targets.flatMap(({ index }) => results.get(index) ?? []);
  await keepResults(context, {
    headers: ['URL', 'Status', 'Title', 'Final URL', 'HTTP status', 'Problem'],
    rows: ordered.map(({ key, status, data, error }) => [
      key,
      status,
      ...['title', 'finalUrl', 'httpStatus'].map((name) => toText(data[name])),
      error?.message ?? '',
    ]),
  });
  return { summary: countRows(ordered) };
}

/** The rows of the list, then the addresses of the form, whose rows are numbered on. */
function listTargets({ rows, input }: AutomationContext<Input>): Target[] {
  const firstByUrl = new Map<string, number>();
  const all = [
    ...rows.map(({ index, key, problem }) => ({ index, key, error: problem && { ...problem } })),
    ...input.urls.map((url, at) => ({ index: rows.length + at, key: new URL(url).href, error: null })),
  ];
  return all.map((target) => {
    const first = target.error ? undefined : firstByUrl.get(target.key);
    if (!target.error && first === undefined) firstByUrl.set(target.key, target.index);
    return { ...target, duplicateOf: first ?? null };
  });
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
