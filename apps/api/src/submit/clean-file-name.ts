const LONGEST = 200;

/**
 * The name to show for an uploaded file: its last part, whichever slashes it came with, without control characters.
 * It is never used as a path.
 */
export function cleanFileName(name: string | undefined): string {
  const last = (name ?? '').toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  // Control characters, and those that turn the direction of text around.
  const visible = last.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').trim();
  const graphemes = [...new Intl.Segmenter().segment(visible)].map(({ segment }) => segment);
  let short = '';
  for (const grapheme of graphemes) {
    if (short.length + grapheme.length > LONGEST) break;
    short += grapheme;
  }
  return /^\.*$/.test(short) ? 'upload' : short;
}
