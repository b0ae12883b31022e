export type { ColumnFormat, ColumnSpec, FileSpec } from './file-spec.ts';
export type { FoundColumn } from './layout/find-layout.ts';
export { readSheet, requireValidRows } from './read-sheet.ts';
export type { Sheet, SheetRow } from './sheet.ts';
export { SheetError, type SheetErrorCode } from './sheet-error.ts';
export type { Checked, ProblemCode } from './values/checked.ts';
export { checkContainerNumber, checkDigit } from './values/container-number.ts';
