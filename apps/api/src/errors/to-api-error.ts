import { ERRORS } from '@gantry/contract';
import { GantryError } from '@gantry/core';
import { SheetError } from '@gantry/sheet';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { ZodError } from 'zod';

import { ApiError } from './api-error.ts';

/** The one place where errors become what the caller sees. What is not known stays inside. */
export function toApiError(error: unknown): ApiError {
  try {
    return translate(error);
  } catch (cause) {
    return internal(new AggregateError([cause, error], 'An error could not be translated.'));
  }
}

function translate(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof GantryError)
    return new ApiError(ERRORS[error.code].status, error.code, error.message, {
      cause: error,
      ...(error.details && { details: error.details }),
    });
  if (error instanceof SheetError) {
    const status = error.code === 'FILE_TOO_LARGE' ? 413 : 422;
    return new ApiError(status, error.code, error.message, { details: error.details, cause: error });
  }
  if (error instanceof ZodError) return fromZod(error);
  if (error instanceof TRPCError) {
    if (error.cause instanceof Error && error.cause.name !== 'TRPCError' && !isUnknownCause(error))
      return toApiError(error.cause);
    const status = getHTTPStatusCodeFromError(error);
    if (status < 500)
      return status === 415
        ? fromFramework(status, error)
        : new ApiError(status, error.code, describe(error), { cause: error });
  }
  const status = statusOf(error);
  if (status !== null) return fromFramework(status, error);
  return internal(error);
}

function internal(cause: unknown): ApiError {
  return new ApiError(
    500,
    'INTERNAL',
    'Something went wrong on our side. Please try again; if it stays, tell us the request id.',
    { cause },
  );
}

/** tRPC wraps what it could not read (`cause` is then a SyntaxError of no use to the caller). */
function isUnknownCause(error: TRPCError): boolean {
  return (
    error.code !== 'INTERNAL_SERVER_ERROR' &&
    !(error.cause instanceof ZodError) &&
    !(error.cause instanceof ApiError)
  );
}

function describe(error: TRPCError): string {
  if (error.code === 'NOT_FOUND') return 'There is no such procedure.';
  if (error.code === 'METHOD_NOT_SUPPORTED') return 'This procedure cannot be called with this method.';
  return 'The request could not be read.';
}

function fromZod(error: ZodError): ApiError {
  const issues = error.issues
    .slice(0, 10)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const [first] = issues;
  const where = first?.path ? `${first.path}: ` : '';
  return new ApiError(400, 'INPUT_INVALID', `The request is not right: ${where}${first?.message ?? ''}.`, {
    details: { issues },
  });
}

function statusOf(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : Number.NaN;
  return status >= 400 && status < 600 ? status : null;
}

/** Fastify and its plug-ins say what is wrong by status. */
function fromFramework(status: number, cause: unknown): ApiError {
  const known: Record<number, [string, string]> = {
    404: ['NOT_FOUND', 'There is nothing at this address.'],
    406: ['MULTIPART_EXPECTED', 'Send the form as multipart/form-data.'],
    413: ['BODY_TOO_LARGE', 'The request is too large.'],
    415: ['MEDIA_TYPE_UNSUPPORTED', 'This kind of body is not accepted here.'],
    429: ['RATE_LIMITED', 'Too many requests. Wait a minute and try again.'],
    503: ['OVERLOADED', 'The server is busy. Please try again shortly.'],
  };
  const [code, message] =
    known[status] ??
    (status < 500
      ? ['BAD_REQUEST', 'The request could not be read.']
      : ['INTERNAL', 'Something went wrong on our side. Please try again.']);
  return new ApiError(status, code, message, { cause });
}
