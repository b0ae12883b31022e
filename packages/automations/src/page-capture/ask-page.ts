import { TimeoutError } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';
import { busyPage } from './page-problem.ts';

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Waits for what a page was asked with `evaluate`, which a busy page never answers.
 *
 * @param extraMs what the page itself needs for the answer
 * @throws {AutomationError} PAGE_UNRESPONSIVE
 */
export async function askPage<Answer>(answer: Promise<Answer>, extraMs = 0): Promise<Answer> {
  try {
    return await withDeadline(answer, ANSWER_TIMEOUT_MS + extraMs);
  } catch (error) {
    throw error instanceof TimeoutError ? busyPage() : error;
  }
}
