import { expect, test } from 'vitest';

import { pickPostgresUser } from './postgres-user.ts';

const ROOT = 'root:x:0:0:root:/root:/bin/bash';
const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
const POSTGRES = 'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash';

test('root hands Postgres to the user postgres', () => {
  expect(pickPostgresUser([ROOT, NOBODY, POSTGRES, ''].join('\n')).runAs).toEqual({ uid: 101, gid: 104 });
});

test('a fresh Debian has no such user, so there it is nobody', () => {
  expect(pickPostgresUser([ROOT, NOBODY, ''].join('\n')).runAs).toEqual({ uid: 65_534, gid: 65_534 });
});

test.each([
  ['neither', ROOT],
  ['only one that is root again', `${ROOT}\npostgres:x:0:0::/:/bin/sh`],
])('with %s there it is refused, with what to do', (_what, passwd) => {
  expect(() => pickPostgresUser(passwd)).toThrow('Run Gantry as a normal user');
});
