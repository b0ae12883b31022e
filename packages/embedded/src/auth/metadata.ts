import { z } from 'zod';

// A deeper value runs whatever walks it out of stack.
const MAX_DEPTH = 32;

/** What an account carries beside e-mail and password: JSON, as it comes out of a parser. */
export const metadata = z.record(
  z.string(),
  z.custom((value) => isStorable(value, MAX_DEPTH), {
    error: 'must hold finite numbers only and must not be nested too deeply',
  }),
);

function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isStorable(inner, depth - 1));
}

/** SQL that lays a JSON object over a metadata column; a null takes its key away. */
export function mergeMetadata(column: string, parameter: string): string {
  return `(${column} || ${parameter}::jsonb) - array(
    select key from jsonb_each(${parameter}::jsonb) where value = 'null')`;
}
