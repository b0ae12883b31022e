import type { FileSpec } from './file-spec.ts';
import { findLayout, type Layout } from './layout/find-layout.ts';
import type { Grids } from './read-grids.ts';
import { SheetError } from './sheet-error.ts';

/** The sheet with the list. */
export type ChosenSheet = {
  name: string;
  layout: Layout;
  /** Whether it has more rows than were read. */
  isCut: boolean;
  /** Names of other visible sheets that hold values of the key column too. */
  others: string[];
};

/**
 * Chooses the sheet with most values of the key column; of several, the first.
 *
 * @throws {SheetError} NO_ROWS, COLUMN_NOT_FOUND, or the reason why a sheet cannot be read, if none has a list
 */
export function chooseSheet({ sheets, hidden }: Grids, spec: FileSpec): ChosenSheet {
  const errors: SheetError[] = [];
  const candidates = sheets.flatMap((sheet) => {
    if ('error' in sheet) {
      errors.push(sheet.error);
      return [];
    }
    const { name, grid } = sheet;
    if (grid.rows.length === 0) return [];
    try {
      return [{ name, isCut: grid.isCut, layout: findLayout(grid.rows, spec, grid.hidden) }];
    } catch (error) {
      if (!(error instanceof SheetError)) throw error;
      errors.push(error);
      return [];
    }
  });
  const [best, ...others] = candidates.toSorted((a, b) => b.layout.values - a.layout.values);
  if (!best) throw withHiddenSheets(errors[0] ?? noRows(), hidden);
  if (best.layout.data.length === 0) throw withHiddenSheets(noRows(), hidden);
  return { ...best, others: others.filter(({ layout }) => layout.values > 0).map(({ name }) => name) };
}

function noRows(): SheetError {
  return new SheetError('NO_ROWS', 'The file has no data rows. Add at least one row below the header.');
}

/** The list may be in a sheet that the user has hidden. */
function withHiddenSheets(error: SheetError, hidden: string[]): SheetError {
  if (hidden.length === 0) return error;
  const names = hidden.slice(0, 3).map((name) => `"${name.slice(0, 40)}"`);
  const message = `${error.message} Hidden sheets are not read (${names.join(', ')}): unhide the one with the list.`;
  return new SheetError(error.code, message, error.details);
}
