/** What stands in the field of a limit: a number, or null (no limit) when it is empty. */
export function readLimit(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
