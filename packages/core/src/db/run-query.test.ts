import { expect, test } from 'vitest';

import { GantryError, LeaseLostError } from '../errors.ts';
import { toGantryError } from './run-query.ts';

const failure = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test.each([
  '08006',
  '57P01',
  '57P03',
  '53300',
  '53100',
  '25006',
  '40001',
  '40P01',
  '55P03',
  '57014',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
])('%s passes by itself: the database is unavailable', (code) => {
  expect(toGantryError(failure(code))).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test.each([
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
])('so does what the driver says without a code: %s', (message) => {
  expect(toGantryError(new Error(message))).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('an attempt that lost its job has a class of its own', () => {
  expect(toGantryError(failure('GQ001'))).toBeInstanceOf(LeaseLostError);
});

test('the first cause is kept, and its words are not shown', () => {
  const cause = failure('23514', 'violates check constraint "secret_name"');
  const error = toGantryError(cause);
  expect(error).toBeInstanceOf(GantryError);
  expect(error).toMatchObject({ code: 'VALUE_INVALID', cause });
  expect(String(error)).not.toContain('secret_name');
});

test('a mistake in our own SQL stays what it is', () => {
  const error = failure('42601');
  expect(toGantryError(error)).toBe(error);
});
