import { LIMITS } from '../limits.ts';
import { damaged } from '../zip/read-directory.ts';
import { isTrue } from './parse-xml.ts';
import type { WorkbookPackage } from './workbook-package.ts';

/** What the main part of a workbook says. */
export type WorkbookPart = {
  /** The worksheets with the parts that hold them, in the order of their tabs. Charts and dialogs are left out. */
  sheets: { name: string; part: string; isHidden: boolean }[];
  /** Whether days are counted from 1904. */
  isFrom1904: boolean;
  /** Whether the stored values of formulas are placeholders, to be replaced when Excel opens the file. */
  mustCalculate: boolean;
  sharedStrings: string | null;
  styles: string | null;
};

/** Reads the main part of a workbook, and where its other parts are. @throws {SheetError} */
export function readWorkbookPart(workbook: WorkbookPackage, part: string): WorkbookPart {
  const links = workbook.relationshipsOf(part);
  const partOf = (kind: string) => links.find((link) => link.kind === kind)?.target ?? null;
  const worksheets = new Map(
    links.filter(({ kind }) => kind === 'worksheet').map(({ id, target }) => [id, target]),
  );
  const found: WorkbookPart = {
    sheets: [],
    isFrom1904: false,
    mustCalculate: false,
    sharedStrings: partOf('sharedStrings'),
    styles: partOf('styles'),
  };
  let hasLost = false;
  workbook.parse(part, {
    open: (name, attributes) => {
      if (name === 'workbookPr') found.isFrom1904 = isTrue(attributes()['date1904']);
      if (name === 'calcPr') found.mustCalculate = isTrue(attributes()['fullCalcOnLoad']);
      if (name !== 'sheet' || found.sheets.length === LIMITS.sheets) return;
      const sheet = attributes();
      const [, link = ''] = Object.entries(sheet).find(([key]) => key.endsWith(':id')) ?? [];
      const target = worksheets.get(link);
      hasLost ||= !links.some(({ id }) => id === link);
      if (target === undefined) return;
      const isHidden = sheet['state'] === 'hidden' || sheet['state'] === 'veryHidden';
      found.sheets.push({ name: sheet['name'] ?? '', part: target, isHidden });
    },
  });
  if (found.sheets.length === 0 && hasLost) throw damaged();
  return found;
}
