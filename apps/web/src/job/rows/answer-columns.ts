import type { AnswerColumn, RowResult } from '@gantry/client';

/**
 * The columns of a job's answers: those that its service declares, in its order, then values that it does not
 * declare, in the order in which they first came. So they are the same while the job runs and when it has ended.
 */
export function answerColumns(
  declared: readonly AnswerColumn[],
  rows: Iterable<Pick<RowResult, 'data'>>,
): AnswerColumn[] {
  const columns = new Map(declared.map((column) => [column.key, column]));
  for (const { data } of rows)
    for (const key of Object.keys(data))
      if (!columns.has(key)) columns.set(key, { key, label: labelOf(key), type: 'text' });
  return [...columns.values()];
}

/** `timeIn` to `Time in`. */
function labelOf(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
