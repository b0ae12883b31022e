import type { RowResult } from '@gantry/client';

/** Where a row is: `Line 12` of the user's file, or `Row 3` if it comes from no file. */
export function rowPlace({ line, index }: Pick<RowResult, 'line' | 'index'>): string {
  return line === null ? `Row ${index + 1}` : `Line ${line}`;
}
