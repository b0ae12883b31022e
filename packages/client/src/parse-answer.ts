import type { Answer } from './answer.ts';
import { GantryApiError, unexpectedAnswer } from './api-error.ts';

/** A server that asks for more is not waited for so long. */
const MAX_RETRY_AFTER_MS = 120_000;

/**
 * The JSON of an answer. The answers to a batch of calls are left to tRPC, whatever their status.
 *
 * @throws {GantryApiError} when it is a refusal, and when it is not Gantry's
 */
export function parseAnswer(answer: Answer): unknown {
  const json = parseJson(answer);
  const isAccepted = answer.status >= 200 && answer.status < 300;
  if (isAccepted || Array.isArray(json)) return json;
  throw refusalOf(answer);
}

type Refusal = { code?: unknown; message?: unknown; requestId?: string; details?: Record<string, unknown> };

/** The error that an answer is. REST routes refuse with `{ error: { code, message } }`, procedures with `{ error: { message, data: { code } } }`. */
export function refusalOf(answer: Answer): GantryApiError {
  const json: { error?: Refusal & { data?: Refusal } } | null = parseJson(answer);
  const { code, message, requestId, details } = { ...json?.error, ...json?.error?.data };
  if (typeof code !== 'string' || typeof message !== 'string') throw unexpectedAnswer(answer.status);
  const retryAfterMs = readRetryAfter(answer.retryAfter);
  return new GantryApiError({ code, message, requestId, details, retryAfterMs, status: answer.status });
}

/** Seconds, or a date, by RFC 9110. */
function readRetryAfter(header: string | null | undefined): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : undefined;
}

function parseJson({ status, body }: Answer) {
  try {
    return JSON.parse(body);
  } catch {
    throw unexpectedAnswer(status);
  }
}
