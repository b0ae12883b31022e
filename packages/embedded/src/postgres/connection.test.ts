import { expect, test } from 'vitest';

import { databaseUrl, fitsSocketPath } from './connection.ts';

test('a socket path of 107 bytes is the longest that a Unix socket can have', () => {
  const longest = `/${'d'.repeat(107 - '/.s.PGSQL.65535'.length - 1)}`;
  expect(fitsSocketPath(longest)).toBe(true);
  expect(fitsSocketPath(`${longest}d`)).toBe(false);
  // Bytes count, not letters.
  expect(fitsSocketPath(`/${'ä'.repeat(60)}`)).toBe(false);
});

test('a URL names the socket’s directory, or nothing but loopback', () => {
  const role = { role: 'postgres', password: 'p@ss', port: 5433 };
  expect(databaseUrl({ ...role, socket: '/data/run' })).toBe(
    'postgres://postgres:p%40ss@127.0.0.1:5433/postgres?host=%2Fdata%2Frun',
  );
  expect(databaseUrl({ ...role, socket: `/${'d'.repeat(200)}` })).toBe(
    'postgres://postgres:p%40ss@127.0.0.1:5433/postgres',
  );
});
