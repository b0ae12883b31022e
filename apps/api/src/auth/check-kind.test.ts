import { expect, test } from 'vitest';

import { checkKind } from './check-kind.ts';

const CLIENT = '0b1c6f0e-2f1c-4c53-9d0e-3b0f3a1f5a11';
const closed = { allowAnonymous: false, oauthClientIds: [] };

test.each([
  ['an anonymous user', { is_anonymous: true }, closed, 'ANONYMOUS_NOT_ALLOWED'],
  ['an application that a user has let in', { client_id: CLIENT }, closed, 'CLIENT_NOT_ALLOWED'],
  ['another application', { client_id: 'x' }, { ...closed, oauthClientIds: [CLIENT] }, 'CLIENT_NOT_ALLOWED'],
  ['an application without a name', { client_id: '' }, closed, 'CLIENT_NOT_ALLOWED'],
])('%s is refused', (_who, claims, config, code) => {
  expect(() => checkKind({ claims: { sub: 'u', ...claims } }, config)).toThrow(
    expect.objectContaining({ status: 403, code }),
  );
});

test.each([
  ['a person', { is_anonymous: false }, closed],
  ['a person by an old token', {}, closed],
  ['an anonymous user where they are let in', { is_anonymous: true }, { ...closed, allowAnonymous: true }],
  ['an application that is let in', { client_id: CLIENT }, { ...closed, oauthClientIds: ['x', CLIENT] }],
])('%s is not', (_who, claims, config) => {
  expect(() => checkKind({ claims: { sub: 'u', ...claims } }, config)).not.toThrow();
});
