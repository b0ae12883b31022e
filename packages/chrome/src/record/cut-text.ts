const SEPARATORS = new Set(' \t\r\n"\'`&?/,;<>|()[]{}');

/**
 * The beginning of a text that is too long, up to the last whole word: half of a secret would not be recognised as one.
 * As a copy, for a slice would keep all of the text that it was cut from in memory.
 */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let end = longest;
  while (end > 0 && !SEPARATORS.has(text[end - 1] ?? '')) end -= 1;
  return Buffer.from(text.slice(0, end)).toString();
}
