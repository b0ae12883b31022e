/**
 * What one check may cost. All limits are enforced while the file is read, before anything is allocated for it, so that
 * the worst file takes less than 5 s of processor time and 300 MB.
 */
export const LIMITS = {
  /** Characters in a cell: Excel's own limit. */
  cellLength: 32_767,
  /** Position of the last column that may hold data. */
  columns: 1_000,
  /** Cells in all sheets that are considered, blank cells between others included. */
  cells: 2_000_000,
  /** Rows that may be read beside data rows: titles, headers, totals. */
  extraRows: 100,
  /** Characters of a header that count: a character can grow eighteenfold when it is normalised. */
  headerLength: 200,
  /** Characters of a cell that is searched for several values. */
  listLength: 5_000,
  /** Characters at the beginning of a CSV file that the delimiter is chosen by. */
  delimiterSample: 200_000,
  /** Bytes that all parts of a workbook may unpack to. Parts that are not needed are not unpacked. */
  unpackedBytes: 50_000_000,
  /** Times that a workbook may grow when it is unpacked, once it has a size that matters. */
  unpackedRatio: 100,
  /** Bytes that a workbook may always unpack to, however well it is packed. */
  unsuspiciousBytes: 1_000_000,
  /** Entries in a zip archive. */
  zipEntries: 1_000,
  /** Sheets that are looked into. */
  sheets: 200,
  /** Strings that the cells of a workbook share. */
  sharedStrings: 1_000_000,
  /** Elements inside each other in XML. */
  xmlDepth: 100,
  /** Attributes of one element in XML. */
  xmlAttributes: 100,
  /** Characters that are written as numbers in XML. */
  xmlReferences: 2_000_000,
  /** Characters of a tag or text in XML: a full cell whose characters are all escaped. */
  xmlToken: 250_000,
} as const;
