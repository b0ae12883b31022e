import type { JsonObject, JsonValue } from '@gantry/contract';

/**
 * A text as the database can hold it. Web pages contain NULs and halves of surrogate pairs; jsonb refuses both, and a
 * whole batch would be lost for one bad character.
 */
export function cleanText(text: string, longest = Number.POSITIVE_INFINITY): string {
  return text.slice(0, longest).toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The same for every text inside a value. */
export function cleanJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  return value !== null && typeof value === 'object' ? cleanObject(value) : value;
}

/** The same for every text inside an object, its keys too. */
export function cleanObject(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [cleanText(key), cleanJson(value)]));
}
