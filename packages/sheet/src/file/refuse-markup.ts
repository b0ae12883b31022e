import { unsupported } from './unsupported.ts';

/** Refuses text that is not a list. @throws {SheetError} FILE_TYPE_UNSUPPORTED */
export function refuseMarkup(text: string): void {
  const start = text.slice(0, 2_000).trimStart();
  if (/^mime-version:|^content-type:\s*multipart\/related/i.test(start))
    throw unsupported('a web archive (MHTML)');
  if (/^ID;[^\r\n]*[\r\n]+(?:P;|[BF];[PXY]|C;[XY]\d)/.test(start)) throw unsupported('a SYLK file (.slk)');
  if (/^TABLE\r?\n0,1/.test(start)) throw unsupported('a DIF file (.dif)');
  if (/^[[{]\s*["{[]/.test(start)) {
    throw unsupported('JSON', 'Export the list as CSV or as an Excel workbook (.xlsx).');
  }
  if (!/^<[!?/a-z]/i.test(start)) return;
  if (/progid="Excel\.Sheet"|urn:schemas-microsoft-com:office:spreadsheet/i.test(start)) {
    throw unsupported(
      'an Excel 2003 XML spreadsheet',
      'Open it in Excel or LibreOffice and save it as .xlsx.',
    );
  }
  if (/urn:oasis:names:tc:opendocument/i.test(start))
    throw unsupported('an OpenDocument spreadsheet (.fods)');
  if (
    /^<(?:!doctype html|html|head|meta|title|style|body|div|span|p|h[1-6]|font|center|br?|form|table|tr|td|th|thead|tbody|caption|script)[\s/>]|^<!--/i.test(
      start,
    )
  ) {
    throw unsupported('a web page (HTML), as many programs export it under a name that ends in .xls');
  }
  if (/^<[?!]|^<[\w:-]+[\s>/][^,;\t]*>/.test(start)) throw unsupported('an XML document');
}
