import type { AppRouter } from '@gantry/api';
import { TRPCClientError } from '@trpc/client';

import { GantryApiError, unexpectedAnswer } from './api-error.ts';
import { TokenFailure } from './token.ts';

/**
 * Runs a call. What goes wrong comes out as {@link GantryApiError}, what the caller aborted as the reason of the signal,
 * and what the caller's own `getToken` threw as it was thrown.
 */
export async function withApiErrors<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await call();
  } catch (error) {
    signal?.throwIfAborted();
    throw toApiError(error);
  }
}

/** The one place where errors of the transport become {@link GantryApiError}. */
export function toApiError(error: unknown): unknown {
  if (error instanceof TokenFailure) return error.cause;
  if (!(error instanceof TRPCClientError)) return error;
  const { data, message, cause }: TRPCClientError<AppRouter> = error;
  if (data) return new GantryApiError({ ...data, status: data.httpStatus, message }, { cause: error });
  // What our own code threw beneath tRPC; anything else is JSON that no procedure answers with.
  if (cause instanceof GantryApiError || cause instanceof TokenFailure) return toApiError(cause);
  return unexpectedAnswer(200);
}
