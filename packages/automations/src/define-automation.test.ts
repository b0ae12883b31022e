import { expect, test } from 'vitest';
import { z } from 'zod';

import { defineAutomation } from './define-automation.ts';

const BASE = {
  id: 'page-title',
  name: 'Page title',
  description: 'Reads a title.',
  category: 'Web',
  version: '1',
  file: null,
  egress: { allowPublic: true, allowPrivateOrigins: [] },
};

test('what is not said gets its default', () => {
  const automation = defineAutomation({
    ...BASE,
    input: z.strictObject({}),
    run: () => Promise.resolve({ summary: {} }),
  });
  expect(automation).toMatchObject({ queue: 'default', timeoutMs: 600_000, maxAttempts: 3 });
});

test('the input is described as it is sent: what has a default may be left out', () => {
  const automation = defineAutomation({
    ...BASE,
    input: z.strictObject({ url: z.url(), depth: z.int().default(1) }),
    run: () => Promise.resolve({ summary: {} }),
  });
  expect(automation.inputSchema).toMatchObject({ required: ['url'], additionalProperties: false });
});
