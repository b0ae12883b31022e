import { ERRORS, type ErrorCode } from '@gantry/contract';

/** An error of the queue. The message is a sentence for people and says what to do next. */
export class GantryError extends Error {
  override name = 'GantryError';
  readonly code: ErrorCode;
  /** The parameters of the code, where there are any. */
  readonly details: Record<string, unknown> | undefined;

  /** @param message the sentence of the code by default */
  constructor(
    code: ErrorCode,
    message: string = ERRORS[code].message,
    { details, ...options }: ErrorOptions & { details?: Record<string, unknown> | undefined } = {},
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** The attempt no longer holds its job: stop at once and write nothing more. */
export class LeaseLostError extends GantryError {
  override name = 'LeaseLostError';

  constructor(options?: ErrorOptions) {
    super('LEASE_LOST', ERRORS.LEASE_LOST.message, options);
  }
}
