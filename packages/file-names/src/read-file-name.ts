// What is not seen, or turns text around: controls, formats (among them tags and marks of direction), fillers, variation
// selectors, line separators and code points that are no characters.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
// All that looks like a space, a blank of Braille included.
const BLANKS = /[\p{Zs}\u2800]/gu;
// The name of a stream of NTFS is longer than this nowhere.
const MAX_STREAM = 260;

/**
 * The name in what a stranger calls a file: its last part, whichever slashes it came with, as it is seen. Windows drops
 * dots and spaces at the end and takes `::$DATA` for the file itself, so they go too: an ending is what is left.
 *
 * @returns an empty text when nothing is left
 */
export function readFileName(name: string): string {
  const last = name.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const visible = last.replaceAll(INVISIBLE, '').replaceAll(BLANKS, ' ');
  return visible.slice(0, endOf(visible)).trimStart();
}

/** Where the name ends before dots, spaces and the streams of NTFS, looked for from the end: names may be long. */
function endOf(name: string): number {
  let end = name.length;
  for (;;) {
    const last = name[end - 1];
    if (last === '.' || last === ' ') end -= 1;
    else if (name.slice(end - 6, end).toLowerCase() === ':$data') {
      const stream = name.lastIndexOf(':', end - 7);
      end = stream >= 0 && end - stream <= MAX_STREAM ? stream : end - 6;
    } else return end;
  }
}
