/** Why a file is refused. */
export type SheetErrorCode =
  | 'FILE_EMPTY'
  | 'FILE_TYPE_UNSUPPORTED'
  | 'FILE_TOO_LARGE'
  | 'FILE_MALFORMED'
  | 'FILE_TOO_COMPLEX'
  | 'NO_ROWS'
  | 'TOO_MANY_ROWS'
  | 'COLUMN_NOT_FOUND'
  | 'NO_VALID_ROWS';

/** A refused file. The message says what is wrong and what to do. */
export class SheetError extends Error {
  override name = 'SheetError';
  readonly code: SheetErrorCode;
  /** Where in the file, or what was looked for, if that helps. */
  readonly details: { line?: number; wanted?: string; headers?: string[] };

  constructor(
    code: SheetErrorCode,
    message: string,
    details: SheetError['details'] = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
