import { expect, test } from 'vitest';

import { describeStorage } from './describe-storage.ts';

test.each([
  [0, 'free', '0 bytes of 1 GB used'],
  [799_999_999, 'free', '800 MB of 1 GB used'],
  [800_000_000, 'nearly full', '800 MB of 1 GB used'],
  [999_999_999, 'nearly full', '1000 MB of 1 GB used'],
  [1_000_000_000, 'full', '1 GB of 1 GB used'],
  [1_900_000_000, 'full', '1.9 GB of 1 GB used'],
])('with %d bytes of a gigabyte the storage is %s', (usedBytes, state, text) => {
  expect(describeStorage({ usedBytes, maxBytes: 1_000_000_000 })).toEqual({ state, text });
});
