import { GantryApiError } from '@gantry/client';

/** An error in words for people, with the code in small print for support. */
export type Explanation = { message: string; next: string | null; code: string; requestId: string | null };

/** Puts any thrown value into words. */
export function explainError(error: unknown): Explanation {
  if (error instanceof GantryApiError) {
    return {
      message: error.message,
      next: NEXT_STEPS[error.code] ?? null,
      code: error.code,
      requestId: error.requestId ?? null,
    };
  }
  return {
    message: 'Something went wrong in this page.',
    next: 'Load the page again. If it happens once more, tell an administrator what you did.',
    code: error instanceof Error ? error.name : 'UNKNOWN',
    requestId: null,
  };
}

/** What a person can do about an error; codes whose message says it already are left out. */
const NEXT_STEPS: Record<string, string> = {
  NETWORK_ERROR: 'Check your connection and try again. Jobs that are queued go on without you.',
  JOB_NOT_FOUND: 'It may have expired, or it belongs to another user. Your own jobs are under “My jobs”.',
  SERVICE_NOT_FOUND: 'It may have been taken off the list. Choose another one on the first page.',
  STORAGE_QUOTA_EXCEEDED:
    'Open an old job in “My jobs” and press “Delete job”. The account menu shows how much you use.',
  RATE_LIMITED: 'Wait a moment and try again.',
  DATABASE_UNAVAILABLE: 'The queue is restarting. Try again in a few seconds.',
  INTERNAL_SERVER_ERROR: 'Try again. If it happens once more, give an administrator the code below.',
  INTERNAL: 'Try again. If it happens once more, give an administrator the code below.',
};
