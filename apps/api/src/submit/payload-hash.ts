import { createHash } from 'node:crypto';

import type { JsonValue } from '@gantry/core';

/** What makes two submissions the same: service, input, file and priority, whatever the order of keys. */
export function hashPayload(payload: {
  serviceId: string;
  input: JsonValue;
  fileSha256: string | null;
  priority: number;
}): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(payload)))
    .digest('hex');
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
