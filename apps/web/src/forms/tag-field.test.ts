import { expect, test } from 'vitest';

import { readTags } from './tag-field.tsx';

test.each([
  ['', []],
  [' , ,', []],
  ['night, a tag ,night', ['night', 'a tag']],
  ['x'.repeat(40), ['x'.repeat(40)]],
  ['1,2,3,4,5,6,7,8,9,10,1', ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']],
])('%j is read as %j', (text, tags) => {
  expect(readTags(text)).toEqual({ tags });
});

test.each([
  [`a tag, ${'x'.repeat(41)}`, 'too long: a tag has 40 characters at most.'],
  ['1,2,3,4,5,6,7,8,9,10,11,12', 'These are 12 tags. Leave out 2: a job has 10 at most.'],
])('%j is refused, not cut', (text, why) => {
  expect(readTags(text).error).toContain(why);
});
