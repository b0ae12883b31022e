import { expect, test } from 'vitest';

import { encryptionOf, toConnectionString } from './connection-string.ts';

const LIBPQ = 'uselibpqcompat=true';

test.each([
  ['postgres://u:p@127.0.0.1:5432/db', '', 'local'],
  ['postgres://u:p@localhost/db', '', 'local'],
  ['postgres://u:p@[::1]/db', '', 'local'],
  ['postgres://127.0.0.1:5432/db?host=/tmp/socket', '', 'local'],
  ['postgres://u:p@db.example.com/db', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@10.0.0.5/db', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db?sslmode=disable', `sslmode=disable&${LIBPQ}`, 'none'],
  ['postgres://u:p@db/db?ssl=false', `ssl=false&sslmode=disable&${LIBPQ}`, 'none'],
  ['postgres://u:p@db/db?sslmode=require', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db?sslmode=no-verify', 'sslmode=no-verify', 'unverified'],
  [
    'postgres://u:p@db/db?sslmode=require&sslrootcert=/ca',
    `sslmode=require&sslrootcert=%2Fca&${LIBPQ}`,
    'verified',
  ],
  ['postgres://u:p@db/db?sslrootcert=/ca', `sslrootcert=%2Fca&sslmode=verify-full&${LIBPQ}`, 'verified'],
  ['postgres://u:p@db/db?sslmode=verify-full', `sslmode=verify-full&${LIBPQ}`, 'verified'],
  ['postgres://u:p@db/db?sslmode=', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db?ssl=', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db?sslmode=require&sslrootcert=', `sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db?sslmode=disable&sslmode=verify-full', `sslmode=verify-full&${LIBPQ}`, 'verified'],
  ['postgres://u:p@db/db?host=&host=db', `host=db&sslmode=require&${LIBPQ}`, 'unverified'],
  ['postgres://u:p@db/db?host=localhost&host=db', `host=db&sslmode=require&${LIBPQ}`, 'unverified'],
])('%s', (url, query, encryption) => {
  const added = new URL(toConnectionString(url)).search.slice(1);
  expect(added).toBe(query || new URL(url).search.slice(1));
  expect(encryptionOf(url)).toBe(encryption);
});
