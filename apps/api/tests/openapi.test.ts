import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import SwaggerParser from '@apidevtools/swagger-parser';
import { createClient } from '@hey-api/openapi-ts';
import { validate as validateForReadme } from '@readme/openapi-parser';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { buildOpenApi } from '../src/openapi/build-openapi.ts';
import { type Api, formOf, GOOD_CSV, startApi } from './fixture.ts';
import { AnswerCheck, type OpenApiDocument } from './openapi-check.ts';
import { finishNextJob } from './run-by-hand.ts';

const PACKAGE = resolve(import.meta.dirname, '..');
const run = (file: string, args: string[], cwd: string) =>
  promisify(execFile)(file, args, {
    cwd,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  }).catch((error: { stdout: string; stderr: string }) => {
    // Compilers and linters say on their output what they found.
    throw new Error(`${file} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
  });

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let admin: typeof user;
let text: string;
let directory: string;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
  admin = await api.newUser(true);
  text = await (await fetch(`${api.url}/api/openapi.json`)).text();
  directory = await mkdtemp(join(tmpdir(), 'gantry-openapi-'));
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await symlink(join(PACKAGE, 'node_modules'), join(directory, 'node_modules'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await api[Symbol.asyncDispose]();
});
// Parsers change what they are given.
const document = () => JSON.parse(text);

describe('the OpenAPI document', () => {
  test('is accepted by Redocly, swagger-parser and the parser of ReadMe', async () => {
    await SwaggerParser.validate(document());
    expect(await validateForReadme(document())).toMatchObject({ valid: true, warnings: [] });
    await writeFile(join(directory, 'openapi.json'), text);
    const redocly = join(PACKAGE, 'node_modules/.bin/redocly');
    await run(redocly, ['lint', 'openapi.json', '--extends', 'recommended-strict'], directory);
  });

  test('names its operations as identifiers, each once', () => {
    const ids = new AnswerCheck(document()).operations;
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-zA-Z]+$/.test(id))).toEqual([]);
  });

  test('says where the server is by its setting, never by the Host of a request', async () => {
    expect(document().servers).toEqual([{ url: '/' }]);
    expect(buildOpenApi({ serverUrl: 'https://gantry.example.com' })).toMatchObject({
      servers: [{ url: 'https://gantry.example.com' }],
    });
  });

  test('makes clients that compile strictly and work', async () => {
    await writeFile(join(directory, 'api.ts'), astToString(await openapiTS(document())));
    await createClient({
      input: document(),
      output: { path: join(directory, 'hey'), module: { extension: '.ts' } },
      plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
      logs: { level: 'silent', file: false },
    });
    await writeFile(join(directory, 'main.ts'), CONSUMER);
    const flags =
      '--noEmit --strict --exactOptionalPropertyTypes false --skipLibCheck false --types node --module nodenext --target es2024 --allowImportingTsExtensions';
    await run(join(PACKAGE, 'node_modules/.bin/tsc'), [...flags.split(' '), 'main.ts'], directory);
    const { stdout } = await run(process.execPath, ['main.ts', api.url, user.token, user.id], directory);
    expect(JSON.parse(stdout)).toEqual({
      services: ['ctg-port-tracking', 'no-file'],
      submitted: 201,
      found: ['pending', null],
      refused: 'JOB_NOT_FOUND',
    });
  });
});

// What a developer writes against the generated clients.
const CONSUMER = `
import createFetchClient from 'openapi-fetch';
import type { paths } from './api.ts';
import { createClient } from './hey/client/index.ts';
import { cancelJob, getJob, submitJob } from './hey/sdk.gen.ts';

const [, , url = '', token = '', userId = ''] = process.argv;
const headers = { authorization: \`Bearer \${token}\` };

const typed = createFetchClient<paths>({ baseUrl: url, headers });
const { data: services } = await typed.GET('/api/services');
const { data: page } = await typed.GET('/api/queue/user/{userId}', { params: { path: { userId }, query: { limit: 5 } } });
const { error } = await typed.GET('/api/queue/status/{jobId}', { params: { path: { jobId: userId } } });

const client = createClient({ baseUrl: url, auth: () => token });
const file = new File(['Container\\nCSQU3054383\\n'], 'list.csv');
const { data: submitted, response } = await submitJob({ client, body: { serviceId: 'ctg-port-tracking', file } });
const jobId = submitted?.jobId ?? '';
const { data: job } = await getJob({ client, path: { jobId } });
await cancelJob({ client, path: { jobId } });
const count: number | undefined = page?.jobs.length;
console.log(JSON.stringify({
  services: services?.map(({ id }) => id),
  submitted: response?.status,
  found: [job?.status, job?.error],
  refused: error?.error.code,
}));
if (count === undefined) throw new Error('There is no page.');
`;

describe('every answer is as the document says', () => {
  let check: AnswerCheck;
  beforeAll(() => {
    check = new AnswerCheck(document() satisfies OpenApiDocument);
  });

  type Sent = { who?: typeof user | null; method?: 'GET' | 'POST'; body?: object | FormData | string };
  async function call(path: string, { who = user, body, method = body ? 'POST' : 'GET' }: Sent = {}) {
    const isForm = body instanceof FormData;
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        ...(who && { authorization: `Bearer ${who.token}` }),
        ...(body &&
          !isForm && { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' }),
      },
      ...(body && { body: isForm || typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const { status } = response;
    expect(check.check({ method, path, status, contentType, body: answer }), `${method} ${path}`).toBe('');
    return { status, body: contentType.includes('json') ? JSON.parse(answer) : answer };
  }
  const post = (path: string, body: Sent['body'] = {}, who: Sent['who'] = user) =>
    call(path, { method: 'POST', body, who });
  const statusesOf = (answers: { status: number }[]) => answers.map(({ status }) => status);
  const submit = async () => {
    const answer = await post(
      '/api/queue/submit',
      formOf({ serviceId: 'ctg-port-tracking' }, { content: GOOD_CSV }),
    );
    expect(answer.status).toBe(201);
    return String(answer.body.jobId);
  };

  test('of jobs, from their submission to their files', async () => {
    const jobId = await submit();
    const other = await api.newUser();
    await finishNextJob(api);
    const { body: results } = await call(`/api/queue/results/${jobId}`);
    expect(results.artifacts).toHaveLength(1);
    const id = randomUUID();
    const later = { serviceId: 'no-file', input: { n: 1 }, runAt: '2050-01-01T00:00:00Z', tags: ['x'] };
    const many = await post('/api/queue/submit-many', { jobs: [later, { serviceId: 'nope' }] });
    expect(many.body.jobs[1].error.code).toBe('SERVICE_NOT_FOUND');
    const waiting = String(many.body.jobs[0].jobId);
    const upload = formOf({ serviceId: 'ctg-port-tracking' }, { content: GOOD_CSV });
    const once = formOf({ serviceId: 'no-file', input: '{"n":7}', idempotencyKey: 'k', runAt: later.runAt });
    const changed = formOf({
      serviceId: 'no-file',
      input: '{"n":8}',
      idempotencyKey: 'k',
      runAt: later.runAt,
    });
    const wrong = formOf({ serviceId: 'ctg-port-tracking' }, { content: 'Name\nAda\n' });
    expect((await post('/api/queue/submit', once)).status).toBe(201);
    expect(
      statusesOf([
        await call(`/api/queue/status/${jobId}?userId=${user.id}`),
        await call(`/api/queue/status/${jobId}?userId=${other.id}`),
        await call(`/api/queue/status/${jobId}`, { who: other }),
        await call('/api/queue/status/x'),
        await call(`/api/queue/status/${jobId}`, { who: null }),
        await call(`/api/queue/user/${user.id}?limit=1`),
        await call(`/api/queue/user/${other.id}`),
        await call(`/api/queue/events/${jobId}?afterSeq=1`),
        await call(`/api/queue/attempts/${jobId}`),
        await call(`/api/queue/dependencies/${jobId}`),
        await call(results.artifacts[0].url),
        await call(`/api/artifacts/${id}`),
        await call('/api/queue/info'),
        await call('/api/services'),
        await call('/api/services/ctg-port-tracking'),
        await call('/api/services/nope'),
        await call(`/api/queue/live/${id}`),
        await call(`/api/queue/live/${id}?size=huge`),
      ]),
    ).toEqual([200, 403, 404, 400, 401, 200, 403, 200, 200, 200, 200, 404, 200, 200, 200, 404, 404, 400]);
    expect(
      statusesOf([
        await post('/api/uploads', upload),
        await post('/api/uploads', wrong),
        await post('/api/queue/submit', once),
        await post('/api/queue/submit', changed),
        await post('/api/queue/submit', wrong),
        await post('/api/queue/submit', { serviceId: 'no-file' }),
        await post('/api/queue/submit', formOf({ serviceId: 'nope' })),
        await post('/api/queue/submit', formOf({ serviceId: 'no-file', input: '{"n":1}', priority: '2' })),
        await post('/api/queue/submit', formOf({})),
        await post('/api/run-automation', formOf({ serviceId: 'nope' })),
        await post(`/api/queue/rerun/${jobId}`),
        await post(`/api/queue/rerun/${waiting}`),
        await post(`/api/queue/rerun/${jobId}`, 'plain text'),
        await post(`/api/queue/rerun/${jobId}`, { tags: ['x'.repeat(70_000)] }),
        await post(`/api/queue/retry/${jobId}`),
        await post(`/api/queue/cancel/${jobId}`),
        await post(`/api/queue/cancel/${id}`),
      ]),
    ).toEqual([201, 422, 200, 409, 422, 415, 404, 403, 400, 404, 201, 409, 415, 413, 409, 409, 404]);
    const { body: counted } = await call('/api/queue/cancellable?tag=x');
    expect(
      statusesOf([
        await post('/api/queue/cancel-many', { tag: 'y', selection: counted.selection }),
        await post('/api/queue/cancel-many', { tag: 'x', selection: counted.selection }),
        await post(`/api/queue/cancel/${waiting}`),
        await post(`/api/queue/delete/${waiting}`),
        await post(`/api/queue/delete/${waiting}`),
      ]),
    ).toEqual([409, 200, 200, 200, 404]);
  });

  test('of schedules', async () => {
    const schedule = { serviceId: 'no-file', input: { n: 1 }, cron: '@daily', timeZone: 'UTC' };
    const { status, body: made } = await post('/api/schedules', schedule);
    expect(status).toBe(201);
    const path = `/api/schedules/${made.id}`;
    const statuses = statusesOf([
      await post('/api/schedules', { ...schedule, cron: 'never' }),
      await post('/api/schedules', { ...schedule, cron: undefined }),
      await post('/api/schedules', { ...schedule, priority: 2 }),
      await post('/api/schedules', { ...schedule, serviceId: 'nope' }),
      await post(path, { cron: '61 * * * *' }),
      await post(path, { name: 'Nightly' }),
      await post(`${path}/pause`),
      await post(`${path}/resume`),
      await call(path),
      await call('/api/schedules?limit=2'),
      await call('/api/schedules/preview?cron=@daily&timeZone=UTC'),
      await call('/api/schedules/preview?cron=@daily&timeZone=Mars'),
      await post(`${path}/delete`),
      await call(path),
    ]);
    expect(statuses).toEqual([422, 400, 403, 404, 422, 200, 200, 200, 200, 200, 200, 422, 200, 404]);
  });

  test('for admins', async () => {
    const get = (path: string, who = admin) => call(`/api/admin/${path}`, { who });
    const act = (path: string, body: object = {}) => post(`/api/admin/${path}`, body, admin);
    const select = async (path: string) => ({ selection: (await get(path)).body.selection });
    const statuses = statusesOf([
      await get('workers', user),
      await get('workers'),
      await get('queue/all?limit=3'),
      await get('schedules'),
      await get('queues'),
      await act('queues', { name: 'Bad name' }),
      await act('queues', { name: 'ports' }),
      await act('queues', { name: 'ports' }),
      await act('queues/ports', { isPaused: true }),
      await act('queues/none', { isPaused: true }),
      await act('services/no-file/queue', { queue: 'ports' }),
      await act('queues/ports/delete'),
      await act('services/no-file/queue', { queue: null }),
      await act('queues/ports/delete'),
      await act('queue/cancel-many', await select('queue/cancellable')),
      await act('queue/retry-many', await select('queue/failed')),
      await act('queue/cleanup'),
      await get('live', user),
    ]);
    expect(statuses).toEqual([
      403, 200, 200, 200, 200, 400, 201, 409, 200, 404, 200, 409, 200, 200, 200, 200, 200, 403,
    ]);
  });

  test('and no operation was left out', () => {
    const isSuccess = (status: number) => status < 300;
    const unproven = check.operations.filter((id) => ![...(check.seen.get(id) ?? [])].some(isSuccess));
    // One waits for the end of a job and the others never end: guide.test.ts and live-view.test.ts have them.
    expect(unproven.toSorted()).toEqual([
      'retryJob',
      'runAutomation',
      'watchAllPictures',
      'watchJobPictures',
    ]);
  });
});

test('a query parameter that no one knows is refused by its name', async () => {
  const headers = { authorization: `Bearer ${admin.token}` };
  for (const path of [
    'queue/info',
    'queue/submit',
    'admin/queue/all',
    'schedules',
    'admin/live',
    `artifacts/${randomUUID()}`,
  ]) {
    const isForm = path === 'queue/submit';
    const response = await fetch(`${api.url}/api/${path}?sort=oldest`, {
      headers,
      ...(isForm && { method: 'POST', body: formOf({ serviceId: 'no-file' }) }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'INPUT_INVALID', message: expect.stringContaining('"sort"') } },
    ]);
  }
});

test('a wrong method on a path that is there gets 405 and what to use instead', async () => {
  const ask = async (method: string, path: string) => {
    const response = await fetch(`${api.url}${path}`, { method });
    const code = method === 'HEAD' ? null : JSON.parse(await response.text()).error?.code;
    return [response.status, response.headers.get('allow'), code];
  };
  expect(await ask('GET', '/api/queue/submit')).toEqual([405, 'POST', 'METHOD_NOT_ALLOWED']);
  expect(await ask('DELETE', '/api/queue/info')).toEqual([405, 'GET, HEAD', 'METHOD_NOT_ALLOWED']);
  expect(await ask('PUT', '/api/schedules')).toEqual([405, 'GET, HEAD, POST', 'METHOD_NOT_ALLOWED']);
  expect(await ask('POST', '/api/schedules/preview')).toEqual([405, 'GET, HEAD', 'METHOD_NOT_ALLOWED']);
  expect(await ask('POST', '/api/openapi.json')).toEqual([405, 'GET, HEAD', 'METHOD_NOT_ALLOWED']);
  expect(await ask('HEAD', '/api/uploads')).toEqual([405, 'POST', null]);
  expect(await ask('GET', '/api/nothing')).toEqual([404, null, 'NOT_FOUND']);
});
