import { expect, test } from 'vitest';

import { checkInput } from './check-input.ts';

const item = {
  type: 'string',
  format: 'uri',
  pattern: '^\\s*([Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss]):',
  errorMessage: 'Give an address that begins with http:// or https://',
};
const service = {
  inputSchema: { type: 'object', properties: { urls: { type: 'array', items: item } } },
};

test('addresses of the web are accepted', () => {
  expect(() => checkInput(service, { urls: ['https://a.example/', 'HTTP://A.example'] })).not.toThrow();
});

test.for([
  'javascript:alert(1)',
  'file:///etc/passwd',
  'data:text/html,x',
  'ftp://a.example/',
  'view-source:http://a.example/',
  'a.example',
])('%s is refused with the sentence of the schema', (url) => {
  expect(() => checkInput(service, { urls: ['https://a.example/', url] })).toThrow(
    expect.objectContaining({
      name: expect.stringContaining('Zod'),
      issues: expect.arrayContaining([
        expect.objectContaining({ path: ['urls', 1], message: item.errorMessage }),
      ]),
    }),
  );
});

test('other mistakes are said in words of their own', () => {
  expect(() => checkInput(service, { urls: [5] })).toThrow(/expected string/);
});
