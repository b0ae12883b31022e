import type { Sheet } from '@gantry/sheet';

import { count } from '../format/count.ts';

/** What was found in a file, in sentences: what was taken from where, and what the user may want to look at. */
export function describeFinding(sheet: Sheet): { taken: string[]; doubts: string[]; remarks: string[] } {
  const { counts } = sheet;
  const taken = sheet.columns.map(({ label, positions, isJoined, header }) => {
    const letters = positions.map(columnLetter).join(isJoined ? ' + ' : ', ');
    return `${label}: ${positions.length > 1 ? 'columns' : 'column'} ${letters}, “${header}”.`;
  });
  if (sheet.sheet) taken.unshift(`Sheet “${sheet.sheet.name}”.`);
  const doubts = [
    ...(sheet.sheet?.others ?? []).map((name) => `Sheet “${name}” has such values too. It is not read.`),
    ...sheet.columns.flatMap(({ positions, alternatives }) =>
      alternatives.map(
        ({ header, position }) =>
          `Column ${columnLetter(position)}, “${header}”, has such values too. To use it, remove ${positions.length > 1 ? 'columns' : 'column'} ${positions.map(columnLetter).join(', ')} from the file.`,
      ),
    ),
  ];
  const hidden = sheet.sheet?.hiddenRows ?? 0;
  const remarks = [
    hidden > 0 &&
      `${count(hidden, 'row is', 'rows are')} hidden in the workbook, by a filter say, and read like others.`,
    counts.invalid > 0 &&
      `${count(counts.invalid, 'row is', 'rows are')} wrong and will be reported back without opening a page.`,
    counts.duplicate > 0 &&
      `${count(counts.duplicate, 'row repeats', 'rows repeat')} an earlier one and will be looked up once.`,
  ].filter((remark) => remark !== false);
  return { taken, doubts, remarks };
}

/** The name that a spreadsheet gives a column: 0 is A, 26 is AA. */
function columnLetter(position: number): string {
  const letter = String.fromCodePoint(65 + (position % 26));
  return position < 26 ? letter : columnLetter(Math.floor(position / 26) - 1) + letter;
}
