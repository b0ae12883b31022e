/** A refusal of the API, or the failure to reach it. Programs look at `code`, people read `message`. */
export class GantryApiError extends Error {
  override name = 'GantryApiError';
  /**
   * Stable: `JOB_NOT_FOUND`, `FILE_MALFORMED`, ...; `NETWORK_ERROR` when no whole answer came; `UNEXPECTED_ANSWER`
   * when what answered is no Gantry.
   */
  readonly code: string;
  /** HTTP status; 0 when no whole answer came. */
  readonly status: number;
  /** Names the request in the server's log; null when none reached it. */
  readonly requestId: string | null;
  /** What helps to fix it, if there is something. */
  readonly details: Record<string, unknown> | null;
  /** After so long the server wants to be asked again; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    o: {
      code: string;
      status: number;
      message: string;
      requestId?: string | undefined;
      details?: Record<string, unknown> | undefined;
      retryAfterMs?: number | undefined;
    },
    options?: ErrorOptions,
  ) {
    super(o.message, options);
    this.code = o.code;
    this.status = o.status;
    this.requestId = o.requestId ?? null;
    this.details = o.details ?? null;
    this.retryAfterMs = o.retryAfterMs ?? null;
  }
}

/** The error for no answer, or for one that broke off. */
export function networkError(cause?: unknown): GantryApiError {
  return new GantryApiError(
    { code: 'NETWORK_ERROR', status: 0, message: 'The server cannot be reached. Check the connection.' },
    { cause },
  );
}

/** The error for an answer that no Gantry gives: a proxy's page, another server. */
export function unexpectedAnswer(status: number): GantryApiError {
  return new GantryApiError({
    code: 'UNEXPECTED_ANSWER',
    status,
    message: 'The server gave an answer that is not Gantry’s. Check the URL.',
  });
}
