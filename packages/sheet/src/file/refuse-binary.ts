import { unsupported } from './unsupported.ts';

const SAVE_THE_LIST = 'Submit the list as CSV or as an Excel workbook (.xlsx).';
const EXPORT = 'Export the list as CSV or as an Excel workbook (.xlsx).';
const UNPACK = 'Unpack it and submit the list that is in it.';

/** How files begin that are no lists, what they are, and what to do. */
const SIGNATURES: [start: string, what: string, whatToDo?: string][] = [
  ['\x89PNG', 'a PNG picture', SAVE_THE_LIST],
  ['GIF8', 'a GIF picture', SAVE_THE_LIST],
  ['\xff\xd8\xff', 'a JPEG picture', SAVE_THE_LIST],
  ['II*\0', 'a TIFF picture', SAVE_THE_LIST],
  ['MM\0*', 'a TIFF picture', SAVE_THE_LIST],
  ['RIFF', 'a picture or a recording', SAVE_THE_LIST],
  ['\0\0\0\x18ftyp', 'a picture or a recording', SAVE_THE_LIST],
  ['\0\0\0\x1cftyp', 'a picture or a recording', SAVE_THE_LIST],
  ['\0\0\0 ftyp', 'a picture or a recording', SAVE_THE_LIST],
  ['%PDF', 'a PDF document', SAVE_THE_LIST],
  ['{\\rtf', 'a text document (RTF)', SAVE_THE_LIST],
  ['\x7fELF', 'a program', SAVE_THE_LIST],
  ['MZ\x90', 'a program', SAVE_THE_LIST],
  ['\x1f\x8b', 'a gzip archive', UNPACK],
  ['BZh91AY', 'a bzip2 archive', UNPACK],
  ['\xfd7zXZ', 'an xz archive', UNPACK],
  ['7z\xbc\xaf', 'a 7z archive', UNPACK],
  ['Rar!', 'a RAR archive', UNPACK],
  ['SQLite format 3', 'an SQLite database', EXPORT],
  ['\0\x01\0\0Standard', 'an Access database', EXPORT],
  ['\x03', 'a dBASE table (.dbf)', EXPORT],
  ['PAR1', 'a Parquet file', EXPORT],
  ['\0\0\x02\0', 'a Lotus 1-2-3 worksheet'],
  ['\0\0\x1a\0', 'a Lotus 1-2-3 worksheet'],
  ['\x09\x08', 'an old Excel workbook (.xls)'],
  ['\x09\x04', 'an old Excel workbook (.xls)'],
  ['\x09\x02', 'an old Excel workbook (.xls)'],
  ['\x09\0\x04', 'an old Excel workbook (.xls)'],
];
const OLE = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';

/** Refuses a file whose first bytes say that it is neither text nor a zip archive. @throws {SheetError} FILE_TYPE_UNSUPPORTED */
export function refuseBinary(bytes: Uint8Array): void {
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  if (start.startsWith(OLE.slice(0, 4))) throw compoundFile(bytes);
  const [, what, whatToDo] = SIGNATURES.find(([signature]) => start.startsWith(signature)) ?? [];
  if (what) throw unsupported(what, whatToDo);
}

/** The format of old Office documents, which also wraps encrypted new ones: its directory names what is in it, in UTF-16. */
function compoundFile(bytes: Uint8Array) {
  const text = new TextDecoder('latin1').decode(bytes);
  const has = (name: string) => text.includes(name.replaceAll(/./g, '$&\0'));
  if (has('EncryptedPackage')) {
    return unsupported(
      'a workbook that is protected with a password',
      'Open it in Excel, remove the password under File > Info > Protect Workbook, save it, and submit that.',
    );
  }
  if (has('WordDocument')) return unsupported('a Word document', SAVE_THE_LIST);
  if (has('PowerPoint Document')) return unsupported('a PowerPoint presentation', SAVE_THE_LIST);
  if (has('__substg1.0_'))
    return unsupported('an e-mail', 'Save the list that is attached to it and submit that.');
  return unsupported('an Excel 97-2003 workbook (.xls)');
}
