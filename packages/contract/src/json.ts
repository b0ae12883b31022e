import { z } from 'zod';

/** A value that JSON can hold. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** An object that JSON can hold. */
export type JsonObject = { [key: string]: JsonValue };

// Deeper input is not needed, and a function that walks it would exceed its stack.
const MAX_DEPTH = 32;

/** JSON as a parser returns it: not nested too deeply, and without a key that changes its meaning when it is copied. */
export const jsonSchema: z.ZodType<JsonValue, JsonValue> = z
  .custom<JsonValue>((value) => isPlain(value, MAX_DEPTH), {
    error: 'must be JSON that is not nested too deeply',
  })
  .meta({ id: 'JsonValue', description: 'Any JSON value' });

/** A {@link JsonObject} on the wire. */
export const jsonObjectSchema = z.record(z.string(), jsonSchema);

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  if (depth === 0) return false;
  return Object.entries(value).every(([key, inner]) => key !== '__proto__' && isPlain(inner, depth - 1));
}
