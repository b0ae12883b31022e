import { expect, test } from 'vitest';

import { takeTurns } from './take-turns.ts';

test('long work lets others have their turns', async () => {
  let turns = 0;
  const others = setInterval(() => void turns++, 1);
  const turn = takeTurns();
  for (const end = performance.now() + 200; performance.now() < end; ) await turn();
  clearInterval(others);
  expect(turns).toBeGreaterThan(1);
});
