export { type Checked, checkContainerNumber, checkDigit, type ProblemCode } from './container-number.ts';
export type { ColumnFormat, ColumnSpec, FileSpec } from './file-spec.ts';
export type { FoundColumn } from './find-columns.ts';
export { readSheet, requireValidRows, type Sheet, type SheetRow } from './read-sheet.ts';
export { SheetError, type SheetErrorCode } from './sheet-error.ts';
