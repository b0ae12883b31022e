import type { JsonObject, NewRowResult } from '@gantry/contract';

/** How many rows came to which end. */
export function countRows(results: readonly NewRowResult[]): JsonObject {
  const count = (status: NewRowResult['status']) =>
    results.filter((result) => result.status === status).length;
  return {
    total: results.length,
    completed: count('completed'),
    failed: count('failed'),
    invalid: count('invalid'),
    duplicate: count('duplicate'),
  };
}
