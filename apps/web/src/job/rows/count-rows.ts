import type { RowResult } from '@gantry/client';

/** How many rows came out in which way. */
export function countRows(rows: ReadonlyMap<number, RowResult>): Record<RowResult['status'], number> {
  const counts = { completed: 0, failed: 0, invalid: 0, duplicate: 0 };
  for (const row of rows.values()) counts[row.status] += 1;
  return counts;
}
