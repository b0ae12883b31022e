import { expect, test } from 'vitest';

import { readTags } from './tag-field.tsx';

test.each([
  ['', []],
  [' , ,', []],
  ['night, a tag ,night', ['night', 'a tag']],
  ['x'.repeat(50), ['x'.repeat(40)]],
  ['1,2,3,4,5,6,7,8,9,10,11', ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']],
])('%j is read as %j', (text, tags) => {
  expect(readTags(text)).toEqual(tags);
});
