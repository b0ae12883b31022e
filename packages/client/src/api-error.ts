import type { AppRouter } from '@gantry/api';
import { TRPCClientError } from '@trpc/client';

/** A refusal of the API, or the failure to reach it. Programs look at `code`, people read `message`. */
export class GantryApiError extends Error {
  override name = 'GantryApiError';
  /** Stable: `JOB_NOT_FOUND`, `FILE_MALFORMED`, ...; `NETWORK_ERROR` when no answer came. */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Names the request in the server's log; null when none reached it. */
  readonly requestId: string | null;
  /** What helps to mend it, if there is something. */
  readonly details: Record<string, unknown> | null;

  constructor(
    o: {
      code: string;
      status: number;
      message: string;
      requestId?: string | undefined;
      details?: Record<string, unknown> | undefined;
    },
    options?: ErrorOptions,
  ) {
    super(o.message, options);
    this.code = o.code;
    this.status = o.status;
    this.requestId = o.requestId ?? null;
    this.details = o.details ?? null;
  }
}

/** Runs a call and turns what goes wrong into a {@link GantryApiError}; what the caller aborted stays an AbortError. */
export async function withApiErrors<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    signal?.throwIfAborted();
    throw toApiError(error);
  }
}

/** The one place where errors of the transport become {@link GantryApiError}. */
export function toApiError(error: unknown): unknown {
  if (error instanceof GantryApiError) return error;
  if (error instanceof TRPCClientError) {
    const { data, message }: TRPCClientError<AppRouter> = error;
    if (data) return new GantryApiError({ ...data, status: data.httpStatus, message }, { cause: error });
    return networkError(error);
  }
  return error instanceof TypeError ? networkError(error) : error;
}

/** The error of a REST answer, whose body is `{ error: { code, message } }`. */
export function fromResponse(status: number, body: string): GantryApiError {
  try {
    const {
      error,
    }: { error: { code: string; message: string; requestId?: string; details?: Record<string, unknown> } } =
      JSON.parse(body);
    return new GantryApiError({ ...error, status });
  } catch {
    return new GantryApiError({
      code: 'UNEXPECTED_ANSWER',
      status,
      message: 'The server gave an answer that is not Gantry’s. Check the URL.',
    });
  }
}

/** The error for no answer at all. */
export function networkError(cause?: unknown): GantryApiError {
  return new GantryApiError(
    { code: 'NETWORK_ERROR', status: 0, message: 'The server cannot be reached.' },
    cause === undefined ? undefined : { cause },
  );
}
