import type { FileSpec } from '@gantry/sheet';
import { expect, test } from 'vitest';

import { readSchemaFields } from '../forms/schema-fields.ts';
import { initialValues } from '../forms/schema-input.ts';
import { whatIsMissing } from './what-is-missing.ts';

const SPEC: FileSpec = {
  required: false,
  formats: ['csv'],
  maxBytes: 1,
  maxRows: 1,
  keyColumn: 'url',
  columns: [],
};
const fields = readSchemaFields({
  properties: {
    urls: { type: 'array', items: { type: 'string', format: 'uri' }, default: [], title: 'Web addresses' },
    copies: { type: 'integer', minimum: 1, default: 1, title: 'Copies' },
  },
});
const values = initialValues(fields);
const ask = (o: Partial<Parameters<typeof whatIsMissing>[0]>) =>
  whatIsMissing({ state: 'none', spec: SPEC, fields, values, ...o });

test.each([
  ['a file that is being read', { state: 'reading' as const }, 'Reading your file…'],
  ['a refused file', { state: 'refused' as const }, 'Choose another file first.'],
  ['no required file', { spec: { ...SPEC, required: true } }, 'Choose a file first.'],
  ['neither file nor list', {}, 'Choose a file or fill in the list first.'],
  [
    'a wrong address',
    { values: { ...values, urls: 'nonsense' } },
    '“Web addresses”: “nonsense” is not an address. One whole address a line.',
  ],
  [
    'a wrong address beside a good file',
    { state: 'ready' as const, values: { ...values, urls: 'nonsense' } },
    '“Web addresses”: “nonsense” is not an address. One whole address a line.',
  ],
  [
    'a number that is too small',
    { state: 'ready' as const, values: { ...values, copies: '0' } },
    '“Copies”: Enter 1 or more.',
  ],
])('%s keeps a job from being ready', (_, o, why) => {
  expect(ask(o)).toBe(why);
});

test('a job is ready when everything in its form is right', () => {
  expect(ask({ values: { ...values, urls: 'https://example.com' } })).toBeNull();
  expect(ask({ state: 'ready' })).toBeNull();
});
