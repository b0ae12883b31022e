import { createHash } from 'node:crypto';
import type { JsonValue } from '@gantry/contract';

import type { ListedDependency, NewDependency } from '@gantry/core';

/**
 * What makes two submissions the same: all that is said of the job, whatever the order of keys. What is not said is left
 * out, so that a key that was used before it could be said stays good.
 */
export function hashPayload(payload: {
  serviceId: string;
  input: JsonValue;
  fileSha256: string | null;
  priority: number;
  tags?: string[] | undefined;
  dependsOn?: (NewDependency | ListedDependency)[] | undefined;
  rerunOf?: string | undefined;
}): string {
  const dependsOn = payload.dependsOn?.map((other) => ({ ...other, onFailure: other.onFailure ?? 'fail' }));
  return createHash('sha256')
    .update(JSON.stringify(sortKeys({ ...payload, dependsOn })))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
