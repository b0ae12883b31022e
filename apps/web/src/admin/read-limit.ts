/** The value of a limit's field: a number, or null (no limit) when it is empty. */
export function readLimit(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
