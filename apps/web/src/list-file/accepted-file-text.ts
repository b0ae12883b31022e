import type { FileSpec } from '@gantry/sheet';

import { formatBytes } from '../format/format-bytes.ts';

const FORMAT_NAMES = { csv: 'CSV', xlsx: 'Excel (.xlsx)' } as const;

/** What a service takes, in a line: `CSV or Excel (.xlsx), up to 5,000 rows`. */
export function acceptedFileText(spec: FileSpec): string {
  const formats = spec.formats.map((format) => FORMAT_NAMES[format]).join(' or ');
  return `${formats}, up to ${spec.maxRows.toLocaleString('en')} rows and ${formatBytes(spec.maxBytes)}`;
}
