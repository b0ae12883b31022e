import type { JsonObject } from '@gantry/client';
import { describe, expect, test } from 'vitest';

import { readSchemaFields } from './schema-fields.ts';
import { initialValues, toSchemaInput, valuesOf } from './schema-input.ts';

const schema: JsonObject = {
  type: 'object',
  required: ['name', 'urls', 'pages'],
  properties: {
    name: { type: 'string', title: 'Your name', minLength: 2 },
    urls: { type: 'array', items: { type: 'string', format: 'uri' }, maxItems: 2, default: [] },
    pages: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
    formats: {
      type: 'array',
      items: { type: 'string', enum: ['pdf', 'png'] },
      minItems: 1,
      default: ['pdf'],
    },
    viewport: { type: 'string', enum: ['desktop', 'phone'], default: 'desktop' },
    isLoud: { type: 'boolean' },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }], description: 'What for' },
    extra: { type: 'object' },
  },
};
const fields = readSchemaFields(schema);
const filled = { ...initialValues(fields), name: 'Ada' };

describe('the controls of a form', () => {
  test('are read from the schema, by kind', () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ['name', 'text'],
      ['urls', 'list'],
      ['pages', 'number'],
      ['formats', 'choices'],
      ['viewport', 'choice'],
      ['isLoud', 'boolean'],
      ['note', 'text'],
      ['extra', 'json'],
    ]);
  });

  test('are named by title, or by words made of the property', () => {
    expect(fields.map(({ label }) => label).slice(0, 6)).toEqual([
      'Your name',
      'Urls',
      'Pages',
      'Formats',
      'Viewport',
      'Is loud',
    ]);
    expect(fields.find(({ name }) => name === 'note')?.hint).toBe('What for');
  });

  test('are required only without a default', () => {
    expect(fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)).toEqual(['name']);
  });
});

describe('the input', () => {
  test('is what stands in the controls, in the types of the schema', () => {
    const values = {
      ...filled,
      urls: ' https://a.example/ \n\nhttp://b.example',
      pages: '4',
      extra: '{"a":1}',
    };
    expect(toSchemaInput(fields, values)).toEqual({
      input: {
        name: 'Ada',
        urls: ['https://a.example/', 'http://b.example'],
        pages: 4,
        formats: ['pdf'],
        viewport: 'desktop',
        isLoud: false,
        extra: { a: 1 },
      },
    });
  });

  test.each([
    ['name', ''],
    ['name', 'A'],
    ['urls', 'ftp://a.example'],
    ['urls', 'not an address'],
    ['urls', 'https://a.example\nhttps://b.example\nhttps://c.example'],
    ['pages', '0'],
    ['pages', '11'],
    ['pages', '2.5'],
    ['pages', 'many'],
    ['formats', []],
    ['extra', '{'],
  ] as const)('is refused when %s holds %j, and the field is named', (name, value) => {
    const result = toSchemaInput(fields, {
      ...filled,
      [name]: typeof value === 'string' ? value : [...value],
    });
    expect(Object.keys('errors' in result ? result.errors : {})).toEqual([name]);
  });
});

test('an input that was sent before comes back into the controls, and out again as it was', () => {
  const input = {
    name: 'Ada',
    urls: ['https://a.example/', 'http://b.example'],
    pages: 4,
    formats: ['png'],
    viewport: 'phone',
    isLoud: true,
    extra: { a: [1] },
  };
  const values = valuesOf(fields, input);
  expect(values).toMatchObject({ urls: 'https://a.example/\nhttp://b.example', pages: '4', note: '' });
  expect(toSchemaInput(fields, values)).toEqual({ input });
});

test.each([[null], ['text'], [[1]], [{}]])('for %j the controls show what they show at first', (input) => {
  expect(valuesOf(fields, input)).toEqual(initialValues(fields));
});
