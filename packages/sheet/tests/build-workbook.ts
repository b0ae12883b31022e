import { strToU8, type Zippable, zipSync } from 'fflate';

/** A sheet of a workbook that is built for a test. */
export type SheetParts = {
  name?: string;
  /** XML of the rows. */
  rows: string;
  state?: 'hidden' | 'veryHidden';
  /** Kind of the relationship; a worksheet by default. */
  kind?: string;
  /** Name of the part. */
  part?: string;
};

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

/** The parts of a workbook, by name. */
export function workbookParts(sheets: SheetParts[], { strings = '', styles = '', settings = '' } = {}) {
  const links = sheets.map(({ kind = 'worksheet', part = '' }, index) =>
    link(`rId${index + 1}`, kind, part || `worksheets/sheet${index + 1}.xml`),
  );
  const tabs = sheets.map(
    ({ name = 'S', state = 'visible' }, index) =>
      `<sheet name="${name}" sheetId="${index + 1}" state="${state}" r:id="rId${index + 1}"/>`,
  );
  const parts: Record<string, string> = {
    '_rels/.rels': `<Relationships xmlns="${PACKAGE}">${link('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}">${settings}<sheets>${tabs.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}">${links.join('')}${link('s', 'sharedStrings', 'sharedStrings.xml')}${link('t', 'styles', 'styles.xml')}</Relationships>`,
    'xl/sharedStrings.xml': `<sst xmlns="${MAIN}">${strings}</sst>`,
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}">${styles}</styleSheet>`,
  };
  for (const [index, { rows, part }] of sheets.entries()) {
    const name = part?.startsWith('/') ? part.slice(1) : `xl/${part ?? `worksheets/sheet${index + 1}.xml`}`;
    parts[name] = `<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`;
  }
  return parts;
}

/** A workbook of such parts. */
export function zipParts(parts: Record<string, string>, more: Zippable = {}): Uint8Array {
  const entries = Object.entries(parts).map(([name, xml]): [string, Uint8Array] => [name, strToU8(xml)]);
  return zipSync({ ...Object.fromEntries(entries), ...more });
}

/** A workbook with one sheet. */
export const workbook = (rows: string, more: Zippable = {}) => zipParts(workbookParts([{ rows }]), more);

/** A cell with a text in it. */
export const text = (reference: string, value: string) =>
  `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`;

/** Rows of a sheet from texts. */
export const rowsOf = (...lines: string[][]) =>
  lines
    .map((cells, row) => {
      const xml = cells.map((cell, at) => text(`${String.fromCodePoint(65 + at)}${row + 1}`, cell));
      return `<row r="${row + 1}">${xml.join('')}</row>`;
    })
    .join('');

function link(id: string, kind: string, target: string): string {
  return `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
}
