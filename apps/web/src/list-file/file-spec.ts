import type { JsonObject, JsonValue } from '@gantry/client';
import type { ColumnSpec, FileSpec } from '@gantry/sheet';

const FORMATS = ['csv', 'xlsx'] as const;
const COLUMN_FORMATS = ['text', 'iso6346', 'url'] as const;

/**
 * Reads what a service accepts as its file; null for none. A description that this page does not
 * understand counts as none as well: the API knows better, and refuses with its own words.
 */
export function readFileSpec(json: JsonObject | null): FileSpec | null {
  if (json === null) return null;
  const { required, formats, maxBytes, maxRows, columns, keyColumn } = json;
  if (typeof maxBytes !== 'number' || typeof maxRows !== 'number' || typeof keyColumn !== 'string')
    return null;
  if (!Array.isArray(formats) || !Array.isArray(columns)) return null;
  const readColumns = columns.flatMap((column) => readColumn(column) ?? []);
  if (!readColumns.some((column) => column.key === keyColumn)) return null;
  return {
    required: required === true,
    formats: FORMATS.filter((format) => formats.includes(format)),
    maxBytes,
    maxRows,
    columns: readColumns,
    keyColumn,
  };
}

function readColumn(json: JsonValue): ColumnSpec | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const { key, label, aliases, required } = json;
  const format = COLUMN_FORMATS.find((candidate) => candidate === json['format']);
  if (typeof key !== 'string' || typeof label !== 'string' || format === undefined) return null;
  return {
    key,
    label,
    format,
    required: required === true,
    aliases: Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [],
  };
}
