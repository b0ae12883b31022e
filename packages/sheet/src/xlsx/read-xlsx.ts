import { unsupported } from '../file/unsupported.ts';
import type { Grid } from '../grid.ts';
import type { ReadingBudget } from '../reading-budget.ts';
import { SheetError } from '../sheet-error.ts';
import { readDirectory } from '../zip/read-directory.ts';
import { readSharedStrings } from './read-shared-strings.ts';
import { readStyles } from './read-styles.ts';
import { readWorkbookPart } from './read-workbook-part.ts';
import { readWorksheet } from './read-worksheet.ts';
import { refuseOtherKinds } from './refuse-other-kinds.ts';
import { WorkbookPackage } from './workbook-package.ts';

/** A visible sheet: its lines, or why it cannot be read. */
export type WorkbookSheet = { name: string } & ({ grid: Grid } | { error: SheetError });

/**
 * Reads the visible sheets of a workbook. Formulas are not evaluated: the value that is stored with one counts.
 *
 * @throws {SheetError} when the workbook as a whole cannot be read
 */
export function readXlsx(
  bytes: Uint8Array,
  { maxRows, budget }: { maxRows: number; budget: ReadingBudget },
): { sheets: WorkbookSheet[]; hidden: string[] } {
  const workbook = new WorkbookPackage(readDirectory(bytes), budget);
  const part = workbook.findWorkbookPart();
  refuseOtherKinds(workbook.entries, part);
  if (part === null) throw unsupported('a zip archive', 'Unpack it and submit the list that is in it.');
  const { sheets, sharedStrings, styles, isFrom1904, mustCalculate } = readWorkbookPart(workbook, part);
  const context = {
    sharedStrings: sharedStrings === null ? [] : readSharedStrings(workbook, sharedStrings),
    styles: styles === null ? [] : readStyles(workbook, styles),
    isFrom1904,
    mustCalculate,
  };
  return {
    hidden: sheets.filter(({ isHidden }) => isHidden).map(({ name }) => name),
    sheets: sheets
      .filter(({ isHidden }) => !isHidden)
      .map((sheet): WorkbookSheet => {
        try {
          return {
            name: sheet.name,
            grid: readWorksheet(workbook, sheet.part, { ...context, maxRows, budget }),
          };
        } catch (error) {
          // One broken or huge sheet does not matter if the list is in another.
          if (!(error instanceof SheetError)) throw error;
          return { name: sheet.name, error };
        }
      }),
  };
}
