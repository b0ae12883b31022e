import { opensProgram, readFileName } from '@gantry/file-names';

import { ApiError } from '../errors/api-error.ts';

const MAX_LENGTH = 200;

// What a name claims counts for nothing, its content does. But a name that promises a document of another kind is a
// mistake or worse, and a later download should not have such a name.
const OTHER_KINDS =
  /\.(?:html?|xhtml|mht(?:ml)?|svgz?|pdf|rtf|docx?|docm|dotm?|xls|xlsm|xlsb|xlt|xltm|xlam?|pptx?|pptm|ods|odt|zip|rar|7z|gz|tar|png|jpe?g|gif|webp)$/i;

/**
 * The name to show for an uploaded file. It is never used as a path.
 *
 * @throws {ApiError} FORM_INVALID for a NUL, FILE_TYPE_UNSUPPORTED for the name of a program or of another kind of document
 */
export function cleanFileName(name: string | undefined): string {
  if (name?.includes('\0')) throw new ApiError(400, 'FORM_INVALID', 'The name of the file contains a NUL.');
  // What browsers write in a form for the characters that would break it.
  const written = (name ?? '').replaceAll('%22', '"').replaceAll(/%0[AD]/g, '');
  const whole = readFileName(written);
  const short = readFileName(cut(whole));
  if ([whole, short].some((each) => opensProgram(each) || OTHER_KINDS.test(each))) {
    throw new ApiError(
      415,
      'FILE_TYPE_UNSUPPORTED',
      'Files of this kind are not accepted. Save the list as CSV or as an Excel workbook (.xlsx).',
    );
  }
  return short || 'upload';
}

/** The beginning of a name, by whole characters as they are seen. */
function cut(name: string): string {
  let short = '';
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    if (short.length + segment.length > MAX_LENGTH) break;
    short += segment;
  }
  return short;
}
