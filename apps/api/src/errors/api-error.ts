import { ERRORS, type ErrorCode } from '@gantry/contract';

/** A refusal as the caller sees it: a stable code, a sentence, and what helps to fix it. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown> | undefined;
  /** When trying again makes sense, for the header `retry-after`. */
  readonly retryAfterSeconds: number | undefined;

  /** @throws {TypeError} without a code or a message: clients rely on both */
  constructor(
    status: number,
    code: string,
    message: string,
    o: { details?: Record<string, unknown>; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: o.cause });
    if (!code || !message)
      throw new TypeError('An API error needs a code and a message.', { cause: o.cause });
    this.status = status;
    this.code = code;
    this.details = o.details;
    this.retryAfterSeconds = o.retryAfterSeconds;
  }
}

/** What the log says of a refusal; the reason why a token was refused is for operators only. */
export function refusalForLog({ status, code, cause }: ApiError): { code: string; reason?: string } {
  return status === 401 && cause instanceof Error ? { code, reason: cause.message } : { code };
}

/** The answer for an error of the queue that the API finds before the queue does. */
export function refusalFor(code: ErrorCode): ApiError {
  return new ApiError(ERRORS[code].status, code, ERRORS[code].message);
}

/** The one answer for a job that is not there and for another user's job. */
export function jobNotFound(): ApiError {
  return refusalFor('JOB_NOT_FOUND');
}

/** The answer while this process ends: another one, or this one once it is back, will do it. */
export function stopping(): ApiError {
  return new ApiError(503, 'STOPPING', 'This server is about to stop. Please try again.');
}
