/** How a column's values are checked and normalised. */
export type ColumnFormat = 'text' | 'iso6346' | 'url';

/** A column that a service looks for. */
export type ColumnSpec = {
  /** Name of the value in code and results. */
  key: string;
  /** What people call it. */
  label: string;
  /** Headers that mean this column, whatever their case, spaces and dots. */
  aliases: string[];
  format: ColumnFormat;
  required: boolean;
};

/** What a service accepts as its file. Plain JSON: it is stored in the database for all that check a file. */
export type FileSpec = {
  /** Whether a job needs a file. */
  required: boolean;
  formats: ('csv' | 'xlsx')[];
  maxBytes: number;
  maxRows: number;
  columns: ColumnSpec[];
  /** Key of the column that says what a row is about. */
  keyColumn: string;
};
