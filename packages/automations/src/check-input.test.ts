import { expect, test } from 'vitest';
import { z } from 'zod';

import { AutomationError } from './automation-error.ts';
import { checkInput } from './check-input.ts';

const SCHEMA = z.strictObject({ search: z.strictObject({ depth: z.int().default(1) }) });

test('input is handed on as the schema makes it', async () => {
  expect(await checkInput(SCHEMA, { search: {} })).toEqual({ search: { depth: 1 } });
});

test('wrong input is refused for good, in a sentence that names the field', async () => {
  const error = await checkInput(SCHEMA, { search: { depth: 'deep' } }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AutomationError);
  expect(error).toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringMatching(/^The input is not right, at "search\.depth": .+\.$/),
    isPermanent: true,
  });
});
