import { expect, test } from 'vitest';

import { readJobFilter } from './job-filter.ts';

test('a filter is read from an address', () => {
  expect(readJobFilter({ status: 'failed', service: 'ctg-port-tracking', tag: 'night', q: 'march' })).toEqual(
    {
      status: 'failed',
      service: 'ctg-port-tracking',
      tag: 'night',
      q: 'march',
    },
  );
});

test('a job id or a tag that looks like a number is text all the same', () => {
  expect(readJobFilter({ q: 7, tag: 2026 })).toEqual({ q: '7', tag: '2026' });
});

test.each([[{ status: 'lost' }], [{ service: '' }], [{ q: ['a'] }], [{ other: 1 }]])(
  'what makes no sense is left out: %j',
  (search) => expect(readJobFilter(search)).toEqual({}),
);
