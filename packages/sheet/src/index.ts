export type { ColumnFormat, ColumnSpec, FileSpec } from './file-spec.ts';
export type { FoundColumn } from './layout/find-layout.ts';
export { readSheet, requireValidRows, type Sheet, type SheetRow } from './read-sheet.ts';
export { SheetError, type SheetErrorCode } from './sheet-error.ts';
export type { Checked, ProblemCode } from './values/check-value.ts';
export { checkContainerNumber, checkDigit } from './values/container-number.ts';
