const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\u2800]/u;

/** Whether a person sees nothing in the text. */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most cells begin with such a character, and there are millions of cells.
  return !(first > 0x20 && first < 0x7f) && !VISIBLE.test(text);
}

/** The text without blank and invisible characters at both ends, such as byte order marks and zero-width spaces. */
export function trimInvisible(text: string): string {
  const start = text.search(VISIBLE);
  if (start === -1) return '';
  // Not a regular expression: one that looks for the end takes quadratic time.
  let end = text.length;
  for (;;) {
    const previous = text.codePointAt(end - 2) ?? 0;
    const length = end >= 2 && previous > 0xff_ff ? 2 : 1;
    if (VISIBLE.test(text.slice(end - length, end))) return text.slice(start, end);
    end -= length;
  }
}
