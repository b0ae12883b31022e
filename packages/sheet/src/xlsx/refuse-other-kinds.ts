import { unsupported } from '../file/unsupported.ts';
import type { ZipEntry } from '../zip/read-directory.ts';

const SAVE_THE_LIST = 'Submit the list as CSV or as an Excel workbook (.xlsx).';

/** Refuses zip archives that are documents of other kinds. @throws {SheetError} FILE_TYPE_UNSUPPORTED */
export function refuseOtherKinds(entries: ReadonlyMap<string, ZipEntry>, workbookPart: string | null): void {
  const has = (pattern: RegExp) => [...entries.keys()].some((name) => pattern.test(name));
  if (has(/(?:^|\/)vbaproject\.bin$/)) {
    throw unsupported(
      'a workbook with macros',
      'Save it as a workbook without macros (.xlsx) and submit that.',
    );
  }
  if (workbookPart?.endsWith('.bin') || has(/^xl\/workbook\.bin$/)) {
    throw unsupported('an Excel binary workbook (.xlsb)', 'Open it in Excel and save it as .xlsx.');
  }
  if (workbookPart !== null) {
    if (workbookPart.startsWith('word/')) throw unsupported('a Word document', SAVE_THE_LIST);
    if (workbookPart.startsWith('ppt/')) throw unsupported('a PowerPoint presentation', SAVE_THE_LIST);
    return;
  }
  const mimeType = entries.get('mimetype')?.packed.subarray(0, 100);
  const openDocument = /^application\/vnd\.oasis\.opendocument\.(\w+)/.exec(
    new TextDecoder().decode(mimeType),
  )?.[1];
  if (openDocument === 'spreadsheet') {
    throw unsupported(
      'an OpenDocument spreadsheet (.ods)',
      'Open it in LibreOffice or Excel and save it as .xlsx.',
    );
  }
  if (openDocument) throw unsupported(`an OpenDocument ${openDocument} document`, SAVE_THE_LIST);
  if (entries.has('content.xml') && entries.has('meta-inf/manifest.xml')) {
    throw unsupported('an OpenDocument file', 'Open it in LibreOffice or Excel and save the list as .xlsx.');
  }
  if (has(/^index\/.*\.iwa$|^index\.zip$|\.numbers\/index/)) {
    throw unsupported(
      'an Apple Numbers spreadsheet',
      'In Numbers, choose File > Export To > Excel or CSV, and submit that.',
    );
  }
}
