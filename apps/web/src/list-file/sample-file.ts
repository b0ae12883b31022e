import type { ColumnFormat, FileSpec } from '@gantry/sheet';

import { toCsv } from '../format/to-csv.ts';

/** Values that are right in form: real container numbers have a check digit. */
const SAMPLES: Record<ColumnFormat, readonly [string, string, string]> = {
  iso6346: ['CRSU1274363', 'MSKU6011672', 'CSQU3054383'],
  url: ['https://example.com/', 'https://example.org/', 'https://example.net/'],
  text: ['First', 'Second', 'Third'],
};

/** A small CSV file that the service accepts, to start from. */
export function sampleFile(spec: FileSpec): string {
  const header = spec.columns.map((column) => column.label);
  const rows = [0, 1, 2].map((row) => spec.columns.map((column) => SAMPLES[column.format][row] ?? ''));
  return toCsv([header, ...rows]);
}
