import type { AutomationContext, RowResult } from '../define-automation.ts';
import type { ResultsTable } from '../results-files.ts';

const COLUMNS: [header: string, field: string][] = [
  ['Location', 'location'],
  ['Yard', 'yard'],
  ['Block', 'block'],
  ['Time in', 'timeIn'],
  ['Time out', 'timeOut'],
];

/** The list as it came, in its order, with what the port says beside each row. */
export function toResultsTable(
  context: Pick<AutomationContext, 'headers' | 'rows'>,
  results: RowResult[],
): ResultsTable {
  const byIndex = new Map(results.map((result) => [result.index, result]));
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    headers: [...context.headers, 'Status', ...COLUMNS.map(([header]) => header), 'Problem'],
    rows: context.rows.map((row) => {
      const result = byIndex.get(row.index);
      return [
        ...context.headers.map((_, column) => row.cells[column] ?? ''),
        result?.status ?? '',
        ...COLUMNS.map(([, field]) => text(result?.data[field])),
        result?.error?.message ?? '',
      ];
    }),
  };
}
