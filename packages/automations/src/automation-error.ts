/** Thrown by an automation that cannot continue. */
export class AutomationError extends Error {
  override name = 'AutomationError';
  /** Stable, in capitals: `SITE_MAINTENANCE`. */
  readonly code: string;
  /** A permanent error is not tried again: the input is wrong, and will be. */
  readonly isPermanent: boolean;

  constructor(code: string, message: string, o: { isPermanent?: boolean; cause?: unknown } = {}) {
    super(message, { cause: o.cause });
    this.code = code;
    this.isPermanent = o.isPermanent ?? false;
  }
}
