import type { JsonObject, NewRowResult } from '@gantry/contract';
import { AutomationError } from '../automation-error.ts';
import { countRows } from '../count-rows.ts';
import type { AutomationContext } from '../define-automation.ts';
import { keepAnswers } from '../keep-answers.ts';
import { pause } from '../pause.ts';
import { FormTab } from './form-tab.ts';
import { isSiteFailure, type LookUp, lookUpContainer } from './look-up-container.ts';
import { portAnswer } from './port-answer.ts';
import type { PortSite } from './search-container.ts';

/** Where the port is, and how gently it is asked. */
export type PortSettings = PortSite & {
  /** Between two searches, and the unit of the pauses between tries. */
  pauseMs: number;
};

/** So many rows in a row without an answer mean that the site is down, not that the rows are hard. */
const MAX_FAILURES_IN_A_ROW = 5;

/**
 * Looks up every row that no earlier attempt has answered, then keeps the list with the answers beside it.
 *
 * @throws {AutomationError} when the site fails row after row: a permanent one if it has been rebuilt
 */
export async function trackContainers(
  context: AutomationContext,
  settings: PortSettings,
): Promise<{ summary: JsonObject }> {
  const { rows, signal } = context;
  const results = new Map(context.completedRows);
  const showProgress = () => context.progress({ done: results.size, total: rows.length });
  const report = async (result: NewRowResult) => {
    await context.emitRow(result);
    results.set(result.index, result);
    showProgress();
  };
  showProgress();
  if (results.size > 0)
    context.log('info', `${results.size} of ${rows.length} rows were done before; going on after them.`);

  context.step('Checking the list');
  for (const row of rows) {
    if (!row.problem || results.has(row.index)) continue;
    await report({ index: row.index, key: row.key, status: 'invalid', data: {}, error: { ...row.problem } });
  }

  // What the site failed to answer is reported once it has answered another row. If it is down, nothing is reported,
  // and the next attempt asks again.
  const unanswered: LookUp[] = [];
  const reportAll = async (lookUps: LookUp[]) => {
    for (const { result, picture } of lookUps) {
      // The picture first: a worker that dies between the two leaves the row to be done again, and the picture too.
      if (picture) await keepPicture(context, result, picture);
      await report(result);
    }
  };
  let searches = 0;
  await using form = new FormTab(context.page);
  for (const row of rows) {
    if (results.has(row.index) || row.duplicateOf !== null) continue;
    if (searches++ > 0) await pause(settings.pauseMs, signal);
    context.step(`Looking up ${row.key}`, { rowIndex: row.index });
    const lookUp = await lookUpContainer(context, settings, form, row);
    unanswered.push(lookUp);
    if (!isSiteFailure(lookUp.result)) await reportAll(unanswered.splice(0));
    if (unanswered.length < MAX_FAILURES_IN_A_ROW) continue;
    const isRebuilt = unanswered.every(({ result }) => result.error?.code === 'SITE_LAYOUT_CHANGED');
    if (isRebuilt) await reportAll(unanswered);
    throw giveUp(lookUp.result, isRebuilt);
  }
  await reportAll(unanswered);
  for (const row of rows) {
    const first = row.duplicateOf === null ? undefined : results.get(row.duplicateOf);
    if (first && !results.has(row.index)) await report({ ...first, index: row.index, status: 'duplicate' });
  }

  context.step('Writing the results');
  const ordered = rows.flatMap((row) => results.get(row.index) ?? []);
  await keepAnswers(context, portAnswer, results);
  return { summary: countRows(ordered) };
}

function giveUp({ error }: NewRowResult, isRebuilt: boolean): AutomationError {
  return new AutomationError(
    error?.code ?? 'SITE_UNAVAILABLE',
    `${error?.message ?? ''}${isRebuilt ? ' The automation must be adapted to it.' : ''}`,
    { isPermanent: isRebuilt },
  );
}

async function keepPicture(context: AutomationContext, row: NewRowResult, body: Uint8Array): Promise<void> {
  const line = context.rows[row.index]?.line ?? row.index + 1;
  const name = `line-${String(line).padStart(4, '0')}-${row.key}.png`;
  await context.artifact({ name, contentType: 'image/png', body, rowIndex: row.index });
}
