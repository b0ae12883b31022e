import { SheetError } from '../sheet-error.ts';

/** A refusal because of what the file is: the message says what, and what to do. */
export function unsupported(
  what: string,
  whatToDo = 'Open it in Excel or LibreOffice and save the list as .xlsx or CSV.',
): SheetError {
  return new SheetError('FILE_TYPE_UNSUPPORTED', `The file is ${what}. ${whatToDo}`);
}
