import { ApiError } from '../errors/api-error.ts';

const LONGEST = 200;

// What a name claims counts for nothing, its content does. But a name that promises a program or a document of another
// kind is a mistake or worse, and whoever downloads the file later should not open it under such a name.
const OTHER_KINDS =
  /\.(?:exe|com|bat|cmd|msi|scr|dll|sh|ps1|vbs|jar|js|mjs|html?|svg|php|pdf|docx?|docm|xls|xlsm|xlsb|xltm|ods|zip|rar|7z|gz|png|jpe?g)$/i;

/**
 * The name to show for an uploaded file: its last part, whichever slashes it came with, without control characters.
 * It is never used as a path.
 *
 * @throws {ApiError} FORM_INVALID for a NUL, FILE_TYPE_UNSUPPORTED for the name of a program or of another kind of document
 */
export function cleanFileName(name: string | undefined): string {
  if (name?.includes('\0')) throw new ApiError(400, 'FORM_INVALID', 'The name of the file contains a NUL.');
  // What browsers write in a form for the characters that would break it.
  const written = (name ?? '').replaceAll('%22', '"').replaceAll(/%0[AD]/g, '');
  const last = written.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  // Control characters, and those that turn the direction of text around.
  const visible = last.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').trim();
  const graphemes = [...new Intl.Segmenter().segment(visible)].map(({ segment }) => segment);
  let short = '';
  for (const grapheme of graphemes) {
    if (short.length + grapheme.length > LONGEST) break;
    short += grapheme;
  }
  if (OTHER_KINDS.test(short)) {
    throw new ApiError(
      415,
      'FILE_TYPE_UNSUPPORTED',
      'Files of this kind are not accepted. Save the list as CSV or as an Excel workbook (.xlsx).',
    );
  }
  return /^\.*$/.test(short) ? 'upload' : short;
}
