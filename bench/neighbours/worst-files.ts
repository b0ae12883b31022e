import { strToU8, zipSync } from 'fflate';

/** Files that take a reader long, or much memory, for their size. */
export const WORST_FILES: Record<string, () => Uint8Array<ArrayBuffer>> = {
  'row numbers up to ten million': () =>
    workbook(
      `${' '.repeat(66_000)}${'<row/>'.repeat(8_000)}${rowOf(1, 'Container')}${rowOf(2, 'CSQU3054383')}<row r="9999990"/>`,
    ),
  'a cell far below, in a sheet named like the shared strings': () =>
    workbook(
      `${rowOf(1, 'Container')}${rowOf(3_000_000, 'CSQU3054383')}`,
      'xl/worksheets/xsharedStrings.xml',
    ),
  'a header that grows eighteenfold': () => bytes(`Container,${'\ufdfa'.repeat(3_300_000)}\nCSQU3054383,\n`),
  'two million cells': () => bytes(`Container\n${`CSQU3054383${',x'.repeat(999)}\n`.repeat(2_000)}`),
  'rows without an end': () => bytes(`Container\n${'CSQU3054383\n'.repeat(800_000)}`),
  'a quote that is not closed': () => bytes(`Container\n"${'CSQU3054383 "" ,;\t'.repeat(500_000)}`),
  'fifty megabytes of elements': () => workbook('<row><c/></row>'.repeat(3_000_000)),
};

function rowOf(row: number, text: string): string {
  return `<row r="${row}"><c r="A${row}" t="inlineStr"><is><t>${text}</t></is></c></row>`;
}

function workbook(rows: string, part = 'xl/worksheets/sheet1.xml'): Uint8Array<ArrayBuffer> {
  const target = part.slice('xl/'.length);
  const documents = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const packaged = 'http://schemas.openxmlformats.org/package/2006';
  return new Uint8Array(
    zipSync({
      '[Content_Types].xml': strToU8(
        `<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
      ),
      '_rels/.rels': strToU8(
        `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${documents}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ),
      'xl/workbook.xml': strToU8(
        `<workbook xmlns="${main}" xmlns:r="${documents}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
      ),
      'xl/_rels/workbook.xml.rels': strToU8(
        `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${documents}/worksheet" Target="${target}"/></Relationships>`,
      ),
      [part]: strToU8(`<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`),
    }),
  );
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
