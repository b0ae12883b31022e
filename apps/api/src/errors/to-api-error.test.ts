import { SheetError } from '@gantry/sheet';
import { expect, test } from 'vitest';

import { ApiError } from './api-error.ts';
import { toApiError } from './to-api-error.ts';

test('an error without a code or a message is one of ours, and never reaches a client', () => {
  expect(() => new ApiError(422, '', 'Something.')).toThrow(TypeError);
  expect(() => new ApiError(422, 'SOMETHING', '')).toThrow(TypeError);
  const nameless = Object.assign(new SheetError('NO_ROWS', 'Add a row.'), { code: undefined });
  expect(toApiError(nameless)).toMatchObject({
    status: 500,
    code: 'INTERNAL',
    message: expect.stringMatching(/./),
  });
});
