/** Why the embedded mode cannot start or continue. */
export type EmbeddedErrorCode =
  | 'DATA_DIR_LOCKED'
  | 'DATA_DIR_UNREADABLE'
  | 'DEMO_ACCOUNTS_NEED_LOOPBACK'
  | 'POSTGRES_BINARIES_MISSING'
  | 'POSTGRES_FAILED'
  | 'SCHEMA_MISMATCH';

/** An error of the embedded mode. Its message is one line that says what is wrong and what to do. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
