import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { checkProject } from './check-project.ts';

const PUBLISHABLE = 'sb_publishable_good';
const SECRET = 'sb_secret_good';

/** The gateway of a project, with Storage's way of saying errors. `bucket` is null where there is none. */
async function startProject(state: { bucket: { public: boolean } | null; down?: boolean; movedTo?: string }) {
  const answer = (request: IncomingMessage): [number, object] => {
    const { apikey } = request.headers;
    if (state.down) return [521, {}];
    if (apikey !== PUBLISHABLE && apikey !== SECRET) return [401, { message: 'Invalid API key' }];
    if (request.url === '/auth/v1/settings') return [200, { disable_signup: false }];
    if (apikey !== SECRET)
      return [400, { statusCode: '403', message: 'new row violates row-level security' }];
    if (request.method === 'POST') {
      state.bucket = { public: false };
      return [200, { name: 'gantry' }];
    }
    if (state.bucket) return [200, { id: 'gantry', ...state.bucket }];
    return [400, { statusCode: '404', error: 'Bucket not found', message: 'Bucket not found' }];
  };
  const server = createServer((request, response) => {
    const [status, body] = answer(request);
    if (state.movedTo) response.writeHead(308, { location: `${state.movedTo}${request.url ?? ''}` }).end();
    else response.writeHead(status).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    state,
    check: (o: { secretKey?: string; publishableKey?: string } = {}) =>
      checkProject({
        url,
        databaseUrl: 'postgres://unused',
        secretKey: SECRET,
        publishableKey: PUBLISHABLE,
        ...o,
      }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

test('a project with its keys and a private bucket is fine', async () => {
  await using project = await startProject({ bucket: { public: false } });
  expect(await project.check()).toEqual([]);
});

test('a bucket that is missing is created, private', async () => {
  await using project = await startProject({ bucket: null });
  expect(await project.check()).toEqual([]);
  expect(project.state.bucket).toEqual({ public: false });
});

test.each([
  [{ secretKey: 'sb_secret_revoked' }, /^SUPABASE_SECRET_KEY: the project does not accept this key/],
  [
    { publishableKey: 'sb_publishable_other' },
    /^SUPABASE_PUBLISHABLE_KEY: the project does not accept this key/,
  ],
  // Cannot pass by the check of the prefix; Storage would answer "gone" to everything.
  [{ secretKey: PUBLISHABLE }, /^SUPABASE_SECRET_KEY: the project does not accept this key/],
])('refuses a key that the project refuses: %j', async (keys, line) => {
  await using project = await startProject({ bucket: { public: false } });
  await expect(project.check(keys)).rejects.toThrow(line);
  await expect(project.check(keys)).rejects.not.toThrow(/revoked$|other$/);
});

test('refuses a bucket that everyone can read', async () => {
  await using project = await startProject({ bucket: { public: true } });
  await expect(project.check()).rejects.toThrow(
    /^SUPABASE_URL: the bucket "gantry" of the project is public/,
  );
});

test('a project that is away for the moment stops nothing, and the log says so', async () => {
  await using project = await startProject({ bucket: { public: false }, down: true });
  expect(await project.check()).toEqual([
    'SUPABASE_URL: Storage of the project could not be checked: it answered 521.',
    'SUPABASE_URL: Auth of the project could not be checked: it answered 521.',
  ]);
});

test('a key does not follow a project that leads elsewhere', async () => {
  await using other = await startProject({ bucket: null });
  await using project = await startProject({ bucket: null, movedTo: other.url });
  await expect(project.check()).rejects.toThrow(/^SUPABASE_URL: .* leads to another address/);
  expect(other.state.bucket).toBeNull();
});
