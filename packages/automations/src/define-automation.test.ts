import { expect, test } from 'vitest';
import { z } from 'zod';

import { artifactName } from './answer-columns.ts';
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

test('the columns of the answers are those of the schema, in its order', () => {
  const automation = defineAutomation({
    ...BASE,
    input: z.strictObject({}),
    answer: z.object({
      zone: z.string().meta({ title: 'Customs zone' }),
      arrivedAt: z.iso.datetime({ local: true }).nullable(),
      boxes: z.int().optional().meta({ title: 'Boxes' }),
      page: z.url(),
      isHeld: z.boolean().default(false),
      picture: artifactName().optional().meta({ title: 'Picture' }),
      extra: z.record(z.string(), z.string()),
      changed: z.string().transform((text) => text.length),
    }),
    run: () => Promise.resolve({ summary: {} }),
  });
  expect(automation.answerColumns).toEqual([
    { key: 'zone', label: 'Customs zone', type: 'text' },
    { key: 'arrivedAt', label: 'Arrived at', type: 'datetime' },
    { key: 'boxes', label: 'Boxes', type: 'number' },
    { key: 'page', label: 'Page', type: 'url' },
    { key: 'isHeld', label: 'Is held', type: 'boolean' },
    { key: 'picture', label: 'Picture', type: 'file' },
    { key: 'extra', label: 'Extra', type: 'text' },
    { key: 'changed', label: 'Changed', type: 'text' },
  ]);
});
