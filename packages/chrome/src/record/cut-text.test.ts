import { expect, test } from 'vitest';

import { cutText } from './cut-text.ts';

test.for([
  ['short enough', 20, 'short enough'],
  ['signed in with canary', 18, 'signed in with '],
  ['https://x.test/a?b=c&sid=canary', 28, 'https://x.test/a?b=c&'],
  ['<input value="canary">', 17, '<input value="'],
  ['canarycanary', 6, ''],
] as const)('%j is cut at %i to %j', ([text, longest, expected]) => {
  expect(cutText(text, longest)).toBe(expected);
});
