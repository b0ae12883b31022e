import { type FileSpec, readSheet } from '@gantry/sheet';
import { expect, test } from 'vitest';

import { readFileSpec } from './file-spec.ts';
import { sampleFile } from './sample-file.ts';

const spec: FileSpec = {
  required: true,
  formats: ['csv', 'xlsx'],
  maxBytes: 1_000_000,
  maxRows: 100,
  keyColumn: 'container',
  columns: [
    { key: 'container', label: 'Container, number', aliases: ['Cntr'], format: 'iso6346', required: true },
    { key: 'page', label: 'Page', aliases: [], format: 'url', required: false },
    { key: 'note', label: 'Note', aliases: [], format: 'text', required: false },
  ],
};

test('the sample file is one that the service takes, every row of it', async () => {
  const { counts, columns } = await readSheet(new TextEncoder().encode(sampleFile(spec)), spec);
  expect(counts).toEqual({ total: 3, valid: 3, invalid: 0, duplicate: 0 });
  expect(columns.map(({ key }) => key)).toEqual(['container', 'page', 'note']);
});

test('what a service accepts survives its way through JSON', () => {
  expect(readFileSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
});

test.each([
  null,
  {},
  { ...spec, maxRows: 'many' },
  { ...spec, keyColumn: 'other' },
  { ...spec, columns: [null, { key: 'container', label: 'Container', format: 'colour' }] },
])('a description that makes no sense counts as no file: %j', (json) => {
  expect(readFileSpec(JSON.parse(JSON.stringify(json)))).toBeNull();
});
