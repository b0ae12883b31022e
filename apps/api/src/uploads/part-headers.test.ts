import fc from 'fast-check';
import { expect, test } from 'vitest';

import { PartHeaders } from './part-headers.ts';

const TYPE = 'multipart/form-data; boundary="b 1"';
const part = (headers: string, content: string) => `--b 1\r\n${headers}\r\n\r\n${content}\r\n`;
const read = (chunks: Buffer[]) => {
  const headers = new PartHeaders(TYPE);
  for (const chunk of chunks) headers.push(chunk);
};
/** Cuts a form into pieces of so many bytes. */
const cut = (form: string, size: number) =>
  Array.from({ length: Math.ceil(form.length / size) }, (_, n) =>
    Buffer.from(form.slice(n * size, (n + 1) * size)),
  );

test('finds headers however the form is cut, and only headers', () => {
  const looksLikeOne = 'content-encoding: gzip\r\n\r\n--b\r\n--b 2\r\n';
  const good = `${part('a: b', looksLikeOne)}${part('', '')}--b 1--\r\n${looksLikeOne}`;
  const bad = good.replace('a: b', 'a: b\r\nContent-Encoding: gzip');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), (size) => {
      read(cut(good, size));
      expect(() => read(cut(bad, size))).toThrow('without an encoding');
    }),
  );
});

test.each([
  'multipart/form-data; x="; boundary=other"; boundary=b',
  'multipart/form-data; boundary=b; boundary=other',
  "multipart/form-data; boundary*=UTF-8''b",
  'multipart/form-data; boundary="\\b"',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary=""',
  'multipart/form-data',
])('a content type that parsers read differently is refused: %s', (type) => {
  expect(() => new PartHeaders(type)).toThrow('must name its boundary, once');
});

test.each(['multipart/form-data;boundary=b', 'Multipart/Form-Data; boundary="b"; charset=utf-8'])(
  '%s is not',
  (type) => {
    expect(() => new PartHeaders(type)).not.toThrow();
  },
);

test.each(['Content-Encoding:\r\n gzip', 'Content-Encoding : gzip', 'content-transfer-encoding:\tbase64'])(
  'an encoding is found as %j',
  (header) => {
    expect(() => read([Buffer.from(part(header, ''))])).toThrow('without an encoding');
  },
);

test('takes headers up to a size and a number', () => {
  const sized = (bytes: number) => [Buffer.from(part(`x: ${'x'.repeat(bytes)}`, ''))];
  expect(() => read(sized(15_000))).not.toThrow();
  expect(() => read(sized(17_000))).toThrow('too large');
  expect(() => read([Buffer.from(part(Array(60).fill('x: y').join('\r\n'), ''))])).toThrow('too many');
});
