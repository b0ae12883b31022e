import type { NewRowResult } from '@gantry/contract';
import type { z } from 'zod';

import { readAnswerColumns } from './answer-columns.ts';
import type { AutomationContext } from './define-automation.ts';
import { keepResults } from './results-files.ts';
import { toResultsTable } from './results-table.ts';

/**
 * Keeps results.csv and results.xlsx: the list as it came, with its lines, the answers and the problems beside it.
 *
 * @param answer describes the `data` of a row: its properties are the columns
 * @param results by row index
 */
export async function keepAnswers(
  context: Pick<AutomationContext, 'headers' | 'rows' | 'artifact'>,
  answer: z.ZodObject,
  results: ReadonlyMap<number, NewRowResult>,
): Promise<void> {
  const table = toResultsTable({
    headers: context.headers,
    answerColumns: readAnswerColumns(answer),
    rows: context.rows.map(({ cells, line, index }) => ({ cells, line, result: results.get(index) })),
  });
  await keepResults(context, table);
}
