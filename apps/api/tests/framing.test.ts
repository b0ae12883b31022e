import type { Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type Api, formOf, GOOD_CSV, startApi } from './fixture.ts';
import { exchange, openRaw, parseAnswer } from './raw-http.ts';

// What comes in on the wire when it was not written by a proper client.

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let before: Awaited<ReturnType<Api['leftovers']>>;
beforeAll(async () => {
  api = await startApi({ maxUploadBytes: 100_000, uploadStallMs: 1_000 });
  user = await api.newUser();
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  before = await api.leftovers();
});

const head = (lines: string[], token = user.token) =>
  [
    'POST /api/queue/submit HTTP/1.1',
    'host: localhost',
    'connection: close',
    `authorization: Bearer ${token}`,
    ...lines,
    '',
    '',
  ].join('\r\n');
const field = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const filePart = (content: string, disposition = 'form-data; name="file"; filename="a.csv"') =>
  `--b\r\ncontent-disposition: ${disposition}\r\n\r\n${content}\r\n`;
const SERVICE = field('serviceId', 'ctg-port-tracking');
const END = '--b--\r\n';
const MULTIPART = 'content-type: multipart/form-data; boundary=b';
const sendChunk = (socket: Socket, text: string) =>
  socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
const sendForEver = (socket: Socket) => {
  const chunk = 'x'.repeat(64_000);
  const pump = () => {
    while (!socket.destroyed && sendChunk(socket, chunk));
  };
  socket.on('drain', pump);
  pump();
};
const whole = (body: string, lines: string[] = []) =>
  `${head([MULTIPART, ...lines, `content-length: ${Buffer.byteLength(body)}`])}${body}`;

describe('a form that is not right leaves nothing:', () => {
  afterEach(async () => expect(await api.leftovers()).toEqual(before));

  const cases: [string, () => string, number, string][] = [
    [
      'a boundary that is not in the body',
      () =>
        `${head(['content-type: multipart/form-data; boundary=other', 'content-length: 20'])}${'x'.repeat(20)}`,
      400,
      'FORM_INVALID',
    ],
    ['no end', () => whole(`${SERVICE}${filePart(GOOD_CSV)}`), 400, 'FORM_INVALID'],
    [
      'a boundary of 10 KB',
      () =>
        `${head([`content-type: multipart/form-data; boundary=${'b'.repeat(10_000)}`, 'content-length: 5'])}--b--`,
      400,
      'FORM_INVALID',
    ],
    [
      'both a length and chunks',
      () => `${head([MULTIPART, 'content-length: 5', 'transfer-encoding: chunked'])}0\r\n\r\n`,
      400,
      'BAD_REQUEST',
    ],
    [
      'two lengths',
      () => `${head([MULTIPART, 'content-length: 5', 'content-length: 6'])}xxxxx`,
      400,
      'BAD_REQUEST',
    ],
    [
      'an encoding that is none',
      () => `${head([MULTIPART, 'transfer-encoding: xchunked'])}0\r\n\r\n`,
      400,
      'BAD_REQUEST',
    ],
    [
      'a thousand parts',
      () => whole(`${Array.from({ length: 1000 }, (_, n) => field(`f${n}`, 'x')).join('')}${END}`),
      400,
      'FORM_INVALID',
    ],
    [
      'a field of 1 MB',
      () => whole(`${SERVICE}${field('input', ' '.repeat(1_000_000))}${END}`),
      400,
      'FORM_INVALID',
    ],
    ['a repeated field', () => whole(`${SERVICE}${SERVICE}${filePart(GOOD_CSV)}${END}`), 400, 'FORM_INVALID'],
    ['serviceId[]', () => whole(`${field('serviceId[]', 'ctg-port-tracking')}${END}`), 400, 'FORM_INVALID'],
    ['__proto__', () => whole(`${SERVICE}${field('__proto__', 'x')}${END}`), 400, 'BAD_REQUEST'],
    [
      'constructor[prototype][x]',
      () => whole(`${SERVICE}${field('constructor[prototype][x]', 'x')}${END}`),
      400,
      'FORM_INVALID',
    ],
    [
      'the file under another name',
      () => whole(`${SERVICE}${filePart(GOOD_CSV, 'form-data; name="data"; filename="a.csv"')}${END}`),
      400,
      'FORM_INVALID',
    ],
    [
      'a part with a header of 2 MB',
      () =>
        whole(
          `${SERVICE}--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\nx: ${'x'.repeat(2_000_000)}\r\n\r\n${GOOD_CSV}\r\n${END}`,
        ),
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a part with a header of 1 MB that never ends',
      () =>
        whole(
          `${SERVICE}--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\nx: ${'x'.repeat(1_000_000)}`,
        ),
      431,
      'HEADERS_TOO_LARGE',
    ],
    ...(['gzip', 'br', 'identity, gzip'] as const).map((encoding): (typeof cases)[number] => [
      `a part that says it is ${encoding}`,
      () =>
        whole(
          `${SERVICE}--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\nContent-Encoding: ${encoding}\r\n\r\n${GOOD_CSV}\r\n${END}`,
        ),
      415,
      'ENCODING_UNSUPPORTED',
    ]),
    [
      'a part that says it is Base64',
      () =>
        whole(
          `${SERVICE}--b\r\ncontent-transfer-encoding: base64\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${GOOD_CSV}\r\n${END}`,
        ),
      415,
      'ENCODING_UNSUPPORTED',
    ],
    [
      'a form that says it is gzip',
      () => whole(`${SERVICE}${filePart(GOOD_CSV)}${END}`, ['content-encoding: gzip']),
      415,
      'ENCODING_UNSUPPORTED',
    ],
    [
      'a part with 10,000 headers',
      () =>
        whole(
          `${SERVICE}--b\r\n${'x: y\r\n'.repeat(10_000)}content-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${GOOD_CSV}\r\n${END}`,
        ),
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a body that stops',
      () => `${head([MULTIPART, 'content-length: 100000'])}${SERVICE}${filePart(GOOD_CSV)}`,
      408,
      'REQUEST_TIMEOUT',
    ],
    [
      'a NUL in the name of the file',
      () => whole(`${SERVICE}${filePart(GOOD_CSV, 'form-data; name="file"; filename="x.csv\0.png"')}${END}`),
      400,
      'FORM_INVALID',
    ],
    [
      'a NUL in a field',
      () => whole(`${field('serviceId', 'ctg\0')}${filePart(GOOD_CSV)}${END}`),
      400,
      'VALUE_INVALID',
    ],
    [
      'the name of a program',
      () => whole(`${SERVICE}${filePart(GOOD_CSV, 'form-data; name="file"; filename="x.csv.exe "')}${END}`),
      415,
      'FILE_TYPE_UNSUPPORTED',
    ],
    [
      'multipart/mixed',
      () => `${head(['content-type: multipart/mixed; boundary=b', 'content-length: 5'])}--b--`,
      415,
      'MULTIPART_EXPECTED',
    ],
    ['no type at all', () => `${head(['content-length: 5'])}--b--`, 415, 'MULTIPART_EXPECTED'],
    [
      'one byte too many',
      () => whole(`${SERVICE}${filePart('x'.repeat(100_001))}${END}`),
      413,
      'FILE_TOO_LARGE',
    ],
    [
      'input that is nested 50,000 deep',
      () =>
        whole(
          `${field('serviceId', 'no-file')}${field('input', '['.repeat(49_000) + ']'.repeat(49_000))}${END}`,
        ),
      400,
      'INPUT_INVALID',
    ],
    [
      'input with __proto__',
      () =>
        whole(
          `${field('serviceId', 'no-file')}${field('input', '{"n":1,"__proto__":{"isAdmin":true}}')}${END}`,
        ),
      400,
      'INPUT_INVALID',
    ],
  ];
  for (const [what, request, status, code] of cases) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await exchange(api.url, request());
      expect({ ...parseAnswer(answer), answer }).toEqual({ status, code, answer });
      expect(answer).not.toMatch(/"stack"|node_modules|\/src\//);
      expect({}).not.toHaveProperty('isAdmin');
    });
  }

  for (const part of [0, 0.5, 0.99]) {
    test(`an upload that is broken off at ${part * 100} %`, async () => {
      const request = whole(`${SERVICE}${filePart(GOOD_CSV.repeat(1000))}${END}`);
      const start = request.indexOf('--b');
      using connection = await openRaw(api.url);
      connection.socket.write(request.slice(0, start + Math.floor((request.length - start) * part)));
      if (part > 0) await expect.poll(() => api.drafts()).toBe(1);
      connection.socket.destroy();
      await expect.poll(() => api.drafts()).toBe(0);
    });
  }

  test('a stream without an end is refused at the limit, and cut off', async () => {
    using connection = await openRaw(api.url);
    const { socket } = connection;
    socket.write(
      head([MULTIPART, 'transfer-encoding: chunked']).replace('connection: close', 'connection: keep-alive'),
    );
    sendChunk(
      socket,
      `${SERVICE}--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`,
    );
    sendForEver(socket);
    expect(parseAnswer(await connection.closed)).toEqual({ status: 413, code: 'FILE_TOO_LARGE' });
  });
});

test('a form that never begins is refused, and cut off', async () => {
  using connection = await openRaw(api.url);
  const { socket } = connection;
  socket.write(
    head([MULTIPART, 'transfer-encoding: chunked']).replace('connection: close', 'connection: keep-alive'),
  );
  sendForEver(socket);
  expect(parseAnswer(await connection.closed)).toEqual({ status: 413, code: 'BODY_TOO_LARGE' });
});

test('a file of exactly the largest size is taken', async () => {
  const rows = 'CSQU3054383\n';
  const content = `Container\n${rows}`;
  const padded = `${content}${'\n'.repeat(100_000 - content.length)}`;
  expect(Buffer.byteLength(padded)).toBe(100_000);
  const form = formOf({ serviceId: 'ctg-port-tracking' }, { content: padded });
  const response = await fetch(`${api.url}/api/queue/submit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: form,
  });
  expect(response.status).toBe(201);
});

test('who asks first whether to send a body is refused before sending it', async () => {
  const body = `${SERVICE}${filePart(GOOD_CSV)}${END}`;
  const ask = (token: string) =>
    head([MULTIPART, 'expect: 100-continue', `content-length: ${Buffer.byteLength(body)}`], token);
  expect(await exchange(api.url, ask('nobody'))).toMatch(/^HTTP\/1\.1 401 /);

  using connection = await openRaw(api.url);
  connection.socket.write(ask(user.token));
  await expect.poll(connection.received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  connection.socket.write(body);
  expect(await connection.closed).toMatch(/HTTP\/1\.1 201 /);
});

describe('a request that is no HTTP gets an answer in our own words:', () => {
  const cases: [string, () => string, number, string][] = [
    ['garbage', () => 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'a header of 100 KB',
      () => `GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a token of 100 KB',
      () =>
        `GET /api/queue/info HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a header over two lines',
      () => 'GET /healthz HTTP/1.1\r\nhost: localhost\r\na: b\r\n c\r\nconnection: close\r\n\r\n',
      400,
      'BAD_REQUEST',
    ],
    [
      'a NUL in a header',
      () => 'GET /healthz HTTP/1.1\r\nhost: localhost\r\na: b\0c\r\n\r\n',
      400,
      'BAD_REQUEST',
    ],
    ['the start of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'an address that cannot be decoded',
      () => 'GET /%c0%ae%c0%ae/etc/passwd HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      400,
      'BAD_REQUEST',
    ],
    [
      'a path out of the web app',
      () => 'GET /../../.env HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      404,
      'NOT_FOUND',
    ],
    [
      'an encoded path out of it',
      () => 'GET /assets/..%2f..%2f..%2f.env HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      404,
      'NOT_FOUND',
    ],
    [
      'a backslash',
      () => 'GET /assets/..%5c..%5c.env HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      404,
      'NOT_FOUND',
    ],
    [
      'two slashes',
      () => 'GET //etc/passwd HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      404,
      'NOT_FOUND',
    ],
    [
      'an id with more behind it',
      () =>
        `GET /api/artifacts/00000000-0000-4000-8000-000000000000%00.csv HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${user.token}\r\nconnection: close\r\n\r\n`,
      400,
      'INPUT_INVALID',
    ],
  ];
  for (const [what, request, status, code] of cases) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await exchange(api.url, request());
      expect({ ...parseAnswer(answer), answer }).toEqual({ status, code, answer });
    });
  }
});

test.each([
  ['/api/queue/submit-many', '{"jobs":['],
  ['/api/trpc/jobs.submit', '{"serviceId":'],
  ['/api/trpc/jobs.submitMany', '{"jobs":['],
  ['/auth/v1/token?grant_type=password', '{"email":'],
])('a JSON body that stops ends with 408: %s', async (path, begun) => {
  const request = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    `authorization: Bearer ${user.token}`,
    'content-type: application/json',
    'content-length: 1000',
  ];
  const answer = await exchange(api.url, `${request.join('\r\n')}\r\n\r\n${begun}`);
  expect(parseAnswer(answer).status).toBe(408);
});
