import type { JsonObject, RowResult } from './define-automation.ts';

/** How many rows came to which end. */
export function countRows(results: readonly RowResult[]): JsonObject {
  const count = (status: RowResult['status']) => results.filter((result) => result.status === status).length;
  return {
    total: results.length,
    completed: count('completed'),
    failed: count('failed'),
    invalid: count('invalid'),
    duplicate: count('duplicate'),
  };
}
