import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';

import { createTokenVerifier } from '../src/auth/verify-token.ts';
import { startApi } from './fixture.ts';

type Answer = (response: ServerResponse) => void;

const text =
  (status: number, body: string): Answer =>
  (response) => {
    response.writeHead(status).end(body);
  };

/** A key pair as a sign-in service has it. */
async function newKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
type Key = Awaited<ReturnType<typeof newKey>>;

/** A sign-in service that publishes its keys over HTTP, and misbehaves when it is told to. */
async function startSignIn() {
  const state: { published: Key[]; fault: Answer | null; asked: number } = {
    published: [],
    fault: null,
    asked: 0,
  };
  const server = createServer((_request, response) => {
    state.asked++;
    if (state.fault) state.fault(response);
    else response.end(JSON.stringify({ keys: state.published.map(({ jwk }) => jwk) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/v1`;
  const tokenOf = ({ kid, privateKey }: Pick<Key, 'privateKey'> & { kid?: string }, issuer = url) =>
    new SignJWT({ role: 'authenticated', session_id: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', ...(kid !== undefined && { kid }) })
      .setSubject('00000000-0000-0000-0000-000000000001')
      .setIssuer(issuer)
      .setAudience('authenticated')
      .setExpirationTime('1h')
      .sign(privateKey);
  return {
    url,
    state,
    tokenOf,
    verifier: (issuer = url) => {
      const verify = createTokenVerifier({
        issuer,
        keys: { jwksUrl: `${url}/.well-known/jwks.json` },
        legacySecret: null,
      });
      return async (token: string) => verify(`Bearer ${token}`);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const faults: [string, Answer][] = [
  ['503', text(503, 'upstream connect error')],
  ['429', text(429, '{"message":"Too many requests"}')],
  ['521 of a gateway', text(521, '<html>Web server is down</html>')],
  ['404', text(404, '{}')],
  ['a page instead of keys', text(200, '<!doctype html><title>Paused</title>')],
  ['JSON that is no key set', text(200, '{"keys":"none"}')],
  [
    'half an answer',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"keys":[');
      response.destroy();
    },
  ],
  ['a broken connection', (response) => void response.socket?.destroy()],
  [
    'an answer without end',
    (response) => {
      response.writeHead(200);
      const more = () => void (response.write('x'.repeat(100_000)) && setImmediate(more));
      response.on('drain', more);
      more();
    },
  ],
];
const UNAVAILABLE = { status: 503, code: 'SIGN_IN_UNAVAILABLE' };

test.concurrent.for(faults)(
  'while the keys are answered with %s, an unknown token is not evaluated and a known key works',
  async ([, fault], context) => {
    await using signIn = await startSignIn();
    const key = await newKey('first');
    const verify = signIn.verifier();
    signIn.state.fault = fault;
    await expect(verify(await signIn.tokenOf(key))).rejects.toMatchObject(UNAVAILABLE);
    signIn.state.published = [key];
    signIn.state.fault = null;
    // The failure is remembered for a moment.
    await context.expect
      .poll(async () => (await verify(await signIn.tokenOf(key)).catch(() => null))?.userId, {
        timeout: 30_000,
      })
      .toBe('00000000-0000-0000-0000-000000000001');
    signIn.state.fault = fault;
    await expect(verify(await signIn.tokenOf(key))).resolves.toBeDefined();
    await expect(verify(await signIn.tokenOf(await newKey('second')))).rejects.toMatchObject(UNAVAILABLE);
  },
);

test('a name that does not resolve is no reason to sign anyone out', async () => {
  await using signIn = await startSignIn();
  const verify = createTokenVerifier({
    issuer: signIn.url,
    keys: { jwksUrl: 'http://sign-in.invalid/auth/v1/.well-known/jwks.json' },
    legacySecret: null,
  });
  const token = await signIn.tokenOf(await newKey('first'));
  await expect(verify(`Bearer ${token}`)).rejects.toMatchObject(UNAVAILABLE);
});

test('a key that was published just after the last fetch is accepted', async () => {
  await using signIn = await startSignIn();
  const verify = signIn.verifier();
  const keys = await Promise.all(['a', 'b', 'c'].map(newKey));
  for (const key of keys) {
    signIn.state.published = [...signIn.state.published, key];
    await expect(verify(await signIn.tokenOf(key))).resolves.toMatchObject({ expiresAt: expect.any(Number) });
  }
  expect(signIn.state.asked).toBe(3);
});

test('a flood of made-up keys is refused, and costs one fetch a second', async () => {
  await using signIn = await startSignIn();
  const real = await newKey('real');
  signIn.state.published = [real];
  const verify = signIn.verifier();
  await verify(await signIn.tokenOf(real));
  const { privateKey } = await newKey('made-up');
  const flood = Array.from({ length: 200 }, async (_, i) =>
    verify(await signIn.tokenOf({ kid: `x${i}`, privateKey })),
  );
  const refused = await Promise.allSettled(flood);
  for (const outcome of refused)
    expect(outcome).toMatchObject({ reason: { status: 401, code: 'TOKEN_INVALID' } });
  expect(signIn.state.asked).toBeLessThan(5);
  await expect(verify(await signIn.tokenOf(real))).resolves.toBeDefined();
});

test('a token that names no key is refused when there are several', async () => {
  await using signIn = await startSignIn();
  const keys = await Promise.all(['a', 'b'].map(newKey));
  signIn.state.published = keys;
  const [{ privateKey } = await newKey('c')] = keys;
  await expect(signIn.verifier()(await signIn.tokenOf({ privateKey }))).rejects.toMatchObject({
    status: 401,
    code: 'TOKEN_INVALID',
  });
});

test('the log says which issuer was expected and which came', async () => {
  await using signIn = await startSignIn();
  const key = await newKey('first');
  signIn.state.published = [key];
  const verify = signIn.verifier('https://api.example.com/auth/v1');
  await expect(verify(await signIn.tokenOf(key))).rejects.toMatchObject({
    code: 'TOKEN_INVALID',
    cause: { message: `"iss" is "${signIn.url}"; expected "https://api.example.com/auth/v1"` },
  });
  await expect(verify(await signIn.tokenOf(key, 'https://api.example.com/auth/v1'))).resolves.toBeDefined();
});

test('every way into the API says when to try again', async () => {
  await using signIn = await startSignIn();
  await using api = await startApi(
    {},
    {},
    { verifyToken: async () => signIn.verifier()(await signIn.tokenOf(await newKey('first'))) },
  );
  signIn.state.fault = text(503, '');
  for (const path of [
    '/api/queue/info',
    '/api/trpc/jobs.list?input={}',
    '/api/artifacts/00000000-0000-0000-0000-000000000001',
  ]) {
    const response = await fetch(`${api.url}${path}`, { headers: { authorization: 'Bearer x' } });
    expect([path, response.status, response.headers.get('retry-after')]).toEqual([
      path,
      503,
      expect.stringMatching(/^\d+$/),
    ]);
    expect(await response.text()).toContain('Please try again');
  }
});
