import { AutomationError } from '@gantry/automations';
import { browserCrashed, ChromeError } from '@gantry/chrome';
import type { JsonObject } from '@gantry/contract';
import { GantryError, LeaseLostError } from '@gantry/core';
import { SheetError } from '@gantry/sheet';
import { StopRun } from '../claims/stop-reason.ts';
import { cleanText } from '../reports/clean-json.ts';

const WOULD_FAIL_AGAIN = new Set(['FILE_TOO_LARGE', 'STORAGE_OBJECT_MISSING', 'STORAGE_QUOTA_EXCEEDED']);

/** How an attempt ended, before it is reported. */
export type AttemptOutcome =
  | { kind: 'completed'; summary: JsonObject }
  | { kind: 'failed'; error: { code: string; message: string }; isPermanent: boolean; isExpected: boolean }
  | { kind: 'released' }
  | { kind: 'cancelled' }
  | { kind: 'lease-lost' };

/** A failed attempt. `isExpected`: the message was written for this case. */
export type Failure = Extract<AttemptOutcome, { kind: 'failed' }>;

/**
 * The one place where what was thrown becomes what is said of the attempt. Nothing of the inside gets into words:
 * paths and stacks are for the log.
 *
 * @param o.refusal why the page that could not be opened last was refused, if it was: to the browser that is a site
 * which cannot be reached
 */
export function toOutcome(
  error: unknown,
  o: { timeoutMs: number; refusal?: ChromeError | null },
): AttemptOutcome {
  if (error instanceof LeaseLostError) return { kind: 'lease-lost' };
  if (error instanceof StopRun) return toStopped(error, o.timeoutMs);
  if (error instanceof AutomationError) return failed(error.code, error.message, error.isPermanent);
  if (error instanceof ChromeError) return failed(error.code, error.message, wouldFailAgain(error));
  if (error instanceof SheetError) return failed(error.code, error.message, true);
  if (error instanceof GantryError) {
    const isPermanent = WOULD_FAIL_AGAIN.has(error.code);
    return failed(error.code, error.message, isPermanent);
  }
  return toPageFailure(error, o.refusal);
}

/** The next attempt would come to the same. */
function wouldFailAgain({ code }: ChromeError): boolean {
  return code === 'BLOCKED_URL' || code === 'BUDGET_EXCEEDED';
}

function toStopped({ why, cause }: StopRun, timeoutMs: number): AttemptOutcome {
  if (why === 'cancelled' || why === 'lease-lost') return { kind: why };
  if (why === 'drain') return { kind: 'released' };
  if (why === 'timeout')
    return failed(
      'JOB_TIMEOUT',
      `The job took longer than ${timeoutMs / 1000} s and was ended. Split it into smaller jobs, or ask for more time.`,
    );
  const failure = cause instanceof ChromeError ? cause : browserCrashed();
  return failed(failure.code, failure.message, wouldFailAgain(failure));
}

/** What the browser's driver throws has no class of its own; its words are known. */
function toPageFailure(error: unknown, refusal: ChromeError | null | undefined): Failure {
  if (!(error instanceof Error)) return unexpected();
  if (error.name === 'TimeoutError')
    return failed('PAGE_TIMEOUT', 'The page did not answer in time. Try again later.');
  const [code] = /net::ERR_[A-Z_]+/.exec(error.message) ?? [];
  if (!code) return unexpected();
  // Nothing was refused where the site answered without a page, or with a file: that leaves what was refused before.
  return refusal && code !== 'net::ERR_ABORTED'
    ? failed(refusal.code, refusal.message, wouldFailAgain(refusal))
    : failed(
        'PAGE_UNREACHABLE',
        `The page could not be opened (${code}). Check its address, or try again later.`,
      );
}

function unexpected(): Failure {
  const message = 'The automation stopped at something that it did not expect.';
  return { ...failed('AUTOMATION_FAILED', message), isExpected: false };
}

function failed(code: string, message: string, isPermanent = false): Failure {
  return {
    kind: 'failed',
    error: { code: cleanText(code, 80), message: cleanText(message, 2_000) },
    isPermanent,
    isExpected: true,
  };
}
