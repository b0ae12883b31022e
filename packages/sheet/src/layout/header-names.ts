import type { ColumnSpec } from '../file-spec.ts';
import { LIMITS } from '../limits.ts';

/** `Container No.`, `CONTAINER NO` and `container_no` are one name. */
export function simplify(header: string): string {
  return header
    .slice(0, LIMITS.headerLength)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** The simplified names of a column that a service looks for. */
export function namesOf(column: ColumnSpec): ReadonlySet<string> {
  return new Set([column.label, column.key, ...column.aliases].map(simplify));
}

/** Words that make a header speak of what a value was, not of what it is. */
const PAST = /old|prev|former|origin|replaced|earlier|last|\bex\b/i;

/** Whether a header is of what a value was. */
export function speaksOfPast(header: string): boolean {
  return PAST.test(header.slice(0, LIMITS.headerLength));
}

/**
 * How well a header means a column: 3 for one of its names, 2 for one with more words, 1 for anything else, 0 for one
 * that speaks of the past.
 */
export function rateHeader(header: string, group: string, names: ReadonlySet<string>): number {
  if (isName(header, group, names)) return 3;
  if (speaksOfPast(header)) return 0;
  const simple = simplify(header);
  return [...names].some((name) => name !== '' && simple.includes(name)) ? 2 : 1;
}

/** Whether a header is one of the names, alone or with the heading of its group above it: "Container", "Number". */
export function isName(header: string, group: string, names: ReadonlySet<string>): boolean {
  const simple = simplify(header);
  return simple !== '' && (names.has(simple) || names.has(simplify(group) + simple));
}

/** The two or three names to propose in a message. */
export function listNames(column: ColumnSpec): string {
  return [column.label, ...column.aliases]
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(' or ');
}
