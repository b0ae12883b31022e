import { AutomationError } from '@gantry/automations';
import { ChromeError } from '@gantry/chrome';
import { GantryError, LeaseLostError } from '@gantry/core';
import { SheetError } from '@gantry/sheet';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { StopRun } from '../claims/stop-reason.ts';
import { toOutcome } from './to-outcome.ts';

const timeout = Object.assign(new Error('Navigation timeout of 30000 ms exceeded'), { name: 'TimeoutError' });
const outcome = (error: unknown) => toOutcome(error, { timeoutMs: 60_000 });

test.for([
  [new AutomationError('SITE_MAINTENANCE', 'Closed.'), 'SITE_MAINTENANCE', false],
  [new AutomationError('NO_SUCH_PORT', 'Wrong.', { isPermanent: true }), 'NO_SUCH_PORT', true],
  [new ChromeError('BROWSER_LAUNCH_TIMEOUT', 'Slow.'), 'BROWSER_LAUNCH_TIMEOUT', false],
  [new ChromeError('BLOCKED_URL', 'No.'), 'BLOCKED_URL', true],
  [new ChromeError('BUDGET_EXCEEDED', 'Much.'), 'BUDGET_EXCEEDED', true],
  [new SheetError('NO_ROWS', 'Empty.'), 'NO_ROWS', true],
  // Of what a page answered, say: only the check of the input says that the input is wrong.
  [z.object({ a: z.string() }).safeParse({}).error, 'AUTOMATION_FAILED', false],
  [new GantryError('STORAGE_OBJECT_MISSING', 'Gone.'), 'STORAGE_OBJECT_MISSING', true],
  [new GantryError('STORAGE_UNAVAILABLE', 'Away.'), 'STORAGE_UNAVAILABLE', false],
  [new StopRun('timeout'), 'JOB_TIMEOUT', false],
  [new StopRun('browser-failed', { cause: new ChromeError('PAGE_CRASHED', 'Oh.') }), 'PAGE_CRASHED', false],
  [
    new StopRun('browser-failed', { cause: new ChromeError('BUDGET_EXCEEDED', 'Much.') }),
    'BUDGET_EXCEEDED',
    true,
  ],
  [timeout, 'PAGE_TIMEOUT', false],
  [new Error('net::ERR_CONNECTION_REFUSED at http://127.0.0.1/'), 'PAGE_UNREACHABLE', false],
  [new TypeError("Cannot read '/srv/secret'"), 'AUTOMATION_FAILED', false],
  ['a string', 'AUTOMATION_FAILED', false],
] as const)('%o fails the attempt as %s, permanent: %s', ([error, code, isPermanent]) => {
  expect(outcome(error)).toMatchObject({ kind: 'failed', error: { code }, isPermanent });
});

test('what ends a run from outside is no failure of the job', () => {
  expect(outcome(new StopRun('drain'))).toEqual({ kind: 'released' });
  expect(outcome(new StopRun('cancelled'))).toEqual({ kind: 'cancelled' });
  expect(outcome(new StopRun('lease-lost'))).toEqual({ kind: 'lease-lost' });
  expect(outcome(new LeaseLostError())).toEqual({ kind: 'lease-lost' });
});

test('words that nobody wrote for people stay inside', () => {
  expect(JSON.stringify(outcome(new TypeError("Cannot read '/srv/secret'")))).not.toContain('secret');
});
