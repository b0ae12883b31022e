import { LIMITS } from '../limits.ts';
import { SheetError } from '../sheet-error.ts';
import { decodeEscapes } from './cell-text.ts';
import type { WorkbookPackage } from './workbook-package.ts';

/** Reads the texts that cells refer to by number: rich text as plain text, without its phonetic guides. @throws {SheetError} */
export function readSharedStrings(workbook: WorkbookPackage, part: string): string[] {
  const strings: string[] = [];
  let text = '';
  let isText = false;
  let isPhonetic = false;
  workbook.parse(part, {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 'rPh') isPhonetic = true;
      isText = name === 't' && !isPhonetic;
    },
    text: (piece) => {
      if (isText && text.length <= LIMITS.cellLength) text += piece;
    },
    close: (name) => {
      if (name === 't') isText = false;
      if (name === 'rPh') isPhonetic = false;
      if (name !== 'si') return;
      if (strings.length === LIMITS.sharedStrings) {
        throw new SheetError(
          'FILE_TOO_LARGE',
          'The workbook has too many different texts. Copy the list to a workbook of its own.',
        );
      }
      strings.push(decodeEscapes(text));
    },
  });
  return strings;
}
