import type { JsonValue } from '@gantry/contract';

// JSON.stringify escapes exactly these two: NUL, and a surrogate without its other half. An escaped backslash is
// matched too, so that what follows it is not taken for an escape.
const ESCAPES = /\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g;

/**
 * A value as text for a `jsonb` parameter. Characters that Postgres cannot keep become U+FFFD: whatever a page
 * says, it must not keep an attempt from reporting.
 */
export function toJsonb(value: JsonValue | object): string {
  return JSON.stringify(value).replaceAll(ESCAPES, (escape) => (escape === '\\\\' ? escape : '\uFFFD'));
}

/** Text for a `text` parameter, likewise. */
export function toText(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
