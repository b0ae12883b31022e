import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type Api, formOf, GOOD_CSV, startApi } from './fixture.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  user = await api.newUser();
});

type Body = NonNullable<RequestInit['body']>;

async function submit(body: Body, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/api/queue/submit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}`, ...headers },
    body,
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('a good submission', () => {
  test('is answered with the job, its place and the estimated wait', async () => {
    await api.addWorker();
    const { status, body } = await submit(
      formOf({ serviceId: 'ctg-port-tracking', userId: user.id }, { content: GOOD_CSV }),
    );
    expect(status).toBe(201);
    expect(body).toEqual({
      jobId: expect.any(String),
      queuePosition: expect.any(Number),
      estimatedWaitTime: expect.any(Number),
    });
  });

  test('says which sheet of a workbook was read, and which others hold numbers', async () => {
    const inputs = new URL('../../../packages/sheet/tests/inputs/', import.meta.url);
    const workbook = await readFile(new URL('openpyxl.xlsx', inputs));
    const { status, body } = await submit(formOf({ serviceId: 'ctg-port-tracking' }, { content: workbook }));
    expect(status).toBe(201);
    expect(body.rows).toEqual({
      total: 2,
      valid: 1,
      invalid: 1,
      duplicate: 0,
      sheet: 'Boxes',
      otherSheets: ['Spare'],
    });
  });

  test('says which columns hold numbers and are not read', async () => {
    const content = 'Old container,Container\nCSQU3054383,CRSU1274363\n';
    const { body } = await submit(formOf({ serviceId: 'ctg-port-tracking' }, { content }));
    expect(body.rows).toEqual({
      total: 1,
      valid: 1,
      invalid: 0,
      duplicate: 0,
      otherColumns: ['Old container'],
    });
  });

  test('may have its file before the other fields', async () => {
    const form = formOf({}, { content: GOOD_CSV });
    form.append('serviceId', 'ctg-port-tracking');
    expect((await submit(form)).status).toBe(201);
  });

  test('with an idempotency key is made once', async () => {
    const form = () => formOf({ serviceId: 'ctg-port-tracking' }, { content: GOOD_CSV });
    const first = await submit(form(), { 'idempotency-key': 'k1' });
    const before = await api.leftovers();
    const again = await submit(form(), { 'idempotency-key': 'k1' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.jobId).toBe(first.body.jobId);
    const other = await submit(
      formOf({ serviceId: 'ctg-port-tracking' }, { content: `${GOOD_CSV}CSQU3054383\n` }),
      { 'idempotency-key': 'k1' },
    );
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'IDEMPOTENCY_CONFLICT' } } });
    expect(await api.leftovers()).toEqual(before);
  });

  for (const [given, shown] of [
    ['../../etc/passwd', 'passwd'],
    [String.raw`..\..\win.ini`, 'win.ini'],
    ['%2e%2e%2fx.csv', '%2e%2e%2fx.csv'],
    ['<img src=x>.csv', '<img src=x>.csv'],
    ['...', 'upload'],
    ['x.csv::$DATA. ', 'x.csv'],
    ['Liste %22März%22%0D%0A.csv', 'Liste "März".csv'],
  ] as const) {
    test(`named ${given} is shown as ${shown}`, async () => {
      // Written by hand: FormData would percent-encode what is tested here.
      const body = `--b\r\ncontent-disposition: form-data; name="serviceId"\r\n\r\nctg-port-tracking\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="${given.replaceAll('\\', '\\\\')}"\r\n\r\n${GOOD_CSV}\r\n--b--\r\n`;
      const {
        body: { jobId },
      } = await submit(body, { 'content-type': 'multipart/form-data; boundary=b' });
      const { rows } = await api.pool.query(
        'select u.file_name from public.automation_jobs j join public.automation_uploads u on u.id = j.upload_id where j.id = $1',
        [jobId],
      );
      expect(rows[0]?.file_name).toBe(shown);
    });
  }
});

describe('a bad submission leaves nothing, and is told what is wrong:', () => {
  let before: Awaited<ReturnType<Api['leftovers']>>;
  beforeEach(async () => {
    before = await api.leftovers();
  });
  afterEach(async () => expect(await api.leftovers()).toEqual(before));

  const tracking = { serviceId: 'ctg-port-tracking' };
  const cases: [string, () => Body, number, string, Record<string, string>?][] = [
    [
      'a picture',
      () => formOf(tracking, { content: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]) }),
      422,
      'FILE_TYPE_UNSUPPORTED',
    ],
    [
      'a program named .csv',
      () => formOf(tracking, { content: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0]) }),
      422,
      'FILE_TYPE_UNSUPPORTED',
    ],
    ['an empty file', () => formOf(tracking, { content: '' }), 422, 'FILE_EMPTY'],
    ['a header only', () => formOf(tracking, { content: 'Container\n' }), 422, 'NO_ROWS'],
    ['no container column', () => formOf(tracking, { content: 'Name\nAda\n' }), 422, 'COLUMN_NOT_FOUND'],
    ['all rows invalid', () => formOf(tracking, { content: 'Container\nABC\nDEF\n' }), 422, 'NO_VALID_ROWS'],
    [
      'broken quotes',
      () => formOf(tracking, { content: 'Container\n"CSQU3054383\n' }),
      422,
      'FILE_MALFORMED',
    ],
    [
      '50 MB',
      () => formOf(tracking, { content: new Uint8Array(50_000_000).fill(65) }),
      413,
      'FILE_TOO_LARGE',
    ],
    [
      'an unknown service',
      () => formOf({ serviceId: 'no-such' }, { content: GOOD_CSV }),
      404,
      'SERVICE_NOT_FOUND',
    ],
    ['no service', () => formOf({}, { content: GOOD_CSV }), 400, 'INPUT_INVALID'],
    ['no file', () => formOf(tracking), 422, 'FILE_REQUIRED'],
    [
      'a file for a service without',
      () => formOf({ serviceId: 'no-file', input: '{"n":1}' }, { content: GOOD_CSV }),
      422,
      'FILE_NOT_ACCEPTED',
    ],
    ['wrong input', () => formOf({ serviceId: 'no-file', input: '{"n":"x"}' }), 400, 'INPUT_INVALID'],
    [
      'input with extra keys',
      () => formOf({ serviceId: 'no-file', input: '{"n":1,"status":"completed"}' }),
      400,
      'INPUT_INVALID',
    ],
    ['input that is no JSON', () => formOf({ serviceId: 'no-file', input: '{' }), 400, 'INPUT_INVALID'],
    [
      "somebody else's userId",
      () => formOf({ ...tracking, userId: '00000000-0000-4000-8000-000000000000' }, { content: GOOD_CSV }),
      403,
      'FORBIDDEN',
    ],
    [
      'urgent without being an admin',
      () => formOf({ ...tracking, priority: '2' }, { content: GOOD_CSV }),
      403,
      'PRIORITY_NOT_ALLOWED',
    ],
    [
      'an unknown field',
      () => formOf({ ...tracking, __proto__x: '1' }, { content: GOOD_CSV }),
      400,
      'FORM_INVALID',
    ],
    [
      'two files',
      () => {
        const form = formOf(tracking, { content: GOOD_CSV });
        form.append('file', new Blob([GOOD_CSV]), 'second.csv');
        return form;
      },
      400,
      'FORM_INVALID',
    ],
    [
      'an empty idempotency key',
      () => formOf(tracking, { content: GOOD_CSV }),
      400,
      'INPUT_INVALID',
      { 'idempotency-key': '' },
    ],
    [
      'a key of 10 KB',
      () => formOf(tracking, { content: GOOD_CSV }),
      400,
      'INPUT_INVALID',
      { 'idempotency-key': 'k'.repeat(10_000) },
    ],
    [
      'a form that is cut off',
      () => '--b\r\ncontent-disposition: form-data; name="serviceId"\r\n\r\nctg',
      400,
      'FORM_INVALID',
      { 'content-type': 'multipart/form-data; boundary=b' },
    ],
    ['no boundary', () => 'x', 400, 'FORM_INVALID', { 'content-type': 'multipart/form-data' }],
    ['JSON', () => '{}', 415, 'MULTIPART_EXPECTED', { 'content-type': 'application/json' }],
    [
      'a plain form',
      () => 'a=b',
      415,
      'MULTIPART_EXPECTED',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
  ];
  for (const [what, body, status, code, headers] of cases) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await submit(body(), headers);
      expect(answer).toMatchObject({
        status,
        body: { error: { code, message: expect.stringMatching(/\.$/), requestId: expect.any(String) } },
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/stack|select |node_modules|\/src\/|automation_/i);
    });
  }

  for (const serviceId of ['ctg-port-tracking', 'no-file']) {
    test(`for a user who is not there, to ${serviceId}: 404 USER_NOT_FOUND`, async () => {
      const admin = await api.newUser(true);
      const somebody = { serviceId, userId: '00000000-0000-4000-8000-000000000000' };
      const form =
        serviceId === 'no-file'
          ? formOf({ ...somebody, input: '{"n":1}' })
          : formOf(somebody, { content: GOOD_CSV });
      expect(await submit(form, { authorization: `Bearer ${admin.token}` })).toMatchObject({
        status: 404,
        body: { error: { code: 'USER_NOT_FOUND' } },
      });
    });
  }

  test('a signed-out session: 401 SESSION_ENDED', async () => {
    await fetch(`${api.url}/auth/v1/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}` },
    });
    expect(await submit(formOf(tracking, { content: GOOD_CSV }))).toMatchObject({
      status: 401,
      body: { error: { code: 'SESSION_ENDED' } },
    });
  });

  test('an upload that is broken off', async () => {
    const { port, hostname } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `POST /api/queue/submit HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${user.token}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 1000000\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${GOOD_CSV.repeat(100)}`,
    );
    // Broken off only once the server has begun to store it.
    await expect.poll(() => api.drafts()).toBe(1);
    socket.destroy();
    await expect.poll(() => api.drafts()).toBe(0);
  });
});
