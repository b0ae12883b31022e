import { zipSync } from 'fflate';
import { readSheet as readWorkbook } from 'read-excel-file/universal';

import { checkCellReferences } from './check-cell-references.ts';
import { unsupported } from './decode-text.ts';
import type { Grid } from './grid.ts';
import { damaged, openZip } from './open-zip.ts';

/**
 * Reads the first sheet of a workbook. Formulas are not evaluated: what counts is the value stored with them.
 *
 * @throws {SheetError}
 */
export async function readXlsx(bytes: Uint8Array, maxRows: number): Promise<Grid> {
  const entries = openZip(bytes);
  refuseOtherKinds(new Set(entries.keys()));
  const documents = [...entries].filter(([name]) => name.endsWith('.xml') || name.endsWith('.rels'));
  for (const [name, content] of documents) {
    if (!name.endsWith('sharedStrings.xml')) checkCellReferences(new TextDecoder().decode(content), maxRows);
  }
  // The reader gets an archive made here of what was checked, not the one that came.
  const archive = zipSync(Object.fromEntries(documents), { level: 0 });
  try {
    const rows = await readWorkbook(new Uint8Array(archive).buffer, {
      dateFormat: 'yyyy-mm-dd',
      parseNumber: (text) => text,
    });
    return rows.map((row, index) => ({ line: index + 1, cells: row.map(toText) }));
  } catch (cause) {
    throw damaged({ cause });
  }
}

function refuseOtherKinds(names: ReadonlySet<string>): void {
  if (!names.has('xl/workbook.xml')) {
    throw unsupported(
      'The file is a zip archive, not an Excel workbook. Unpack it, or save the sheet in it as .xlsx or CSV.',
    );
  }
  if ([...names].some((name) => name.toLowerCase().endsWith('vbaproject.bin'))) {
    throw unsupported('The workbook contains macros. Save it as a workbook without macros (.xlsx).');
  }
}

function toText(value: unknown): string {
  if (value instanceof Date) {
    // Excel can hold days that no calendar has.
    return Number.isNaN(value.getTime()) ? '' : value.toISOString().replace(/T00:00:00\.000Z$/, '');
  }
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : '';
}
