import { GantryApiError } from '@gantry/client';
import { expect, test } from 'vitest';

import { wrongPart } from './wrong-part.ts';

const refusal = (code: string, status: number) => new GantryApiError({ code, status, message: 'No.' });

test('a field of the rule is wrong only when the API says so of it', () => {
  expect(wrongPart(refusal('CRON_INVALID', 422))).toBe('cron');
  expect(wrongPart(refusal('TIME_ZONE_INVALID', 422))).toBe('timeZone');
});

test.each([
  refusal('NETWORK_ERROR', 0),
  refusal('RATE_LIMITED', 429),
  refusal('INTERNAL', 500),
  new Error('x'),
])('%s says nothing of the rule', (error) => {
  expect(wrongPart(error)).toBeNull();
});
