import { expect, test } from 'vitest';

import { readJobFilter } from './job-filter.ts';

test('a filter is read from an address', () => {
  expect(readJobFilter({ status: 'failed', service: 'ctg-port-tracking', q: 'march' })).toEqual({
    status: 'failed',
    service: 'ctg-port-tracking',
    q: 'march',
  });
});

test('a job id that looks like a number is text all the same', () => {
  expect(readJobFilter({ q: 7 })).toEqual({ q: '7' });
});

test.each([[{ status: 'lost' }], [{ service: '' }], [{ q: ['a'] }], [{ other: 1 }]])(
  'what makes no sense is left out: %j',
  (search) => expect(readJobFilter(search)).toEqual({}),
);
