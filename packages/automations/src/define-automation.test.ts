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

test('the protocols of an address are in the schema, with words for what is not one of them', () => {
  const { inputSchema } = defineAutomation({
    ...BASE,
    input: z.strictObject({ web: z.url({ protocol: /^https?$/ }), any: z.url() }),
    run: () => Promise.resolve({ summary: {} }),
  });
  const { web, any } = z
    .object({ web: z.looseObject({}), any: z.looseObject({}) })
    .parse(inputSchema['properties']);
  expect(web).toMatchObject({
    format: 'uri',
    errorMessage: 'Give an address that begins with http:// or https://, without a user name or password',
  });
  const pattern = new RegExp(String(web['pattern']));
  for (const url of ['http://a.example/', 'HTTPS://A.example/', 'https://a.example/@b?c=@#@'])
    expect(pattern.test(url), url).toBe(true);
  const credentials = [
    'https://u:p@a.example/',
    'http://u@a.example',
    'https:\\\\u:p@a.example',
    'https:u:p@a.example',
  ];
  for (const url of ['javascript:alert(1)', 'file:///a', 'data:,a', 'xhttp://a.example/', ...credentials])
    expect(pattern.test(url), url).toBe(false);
  expect(any).not.toHaveProperty('pattern');
});
