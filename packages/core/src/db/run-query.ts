import { SQL_ERRORS, USER_CONSTRAINTS } from '@gantry/contract';
import type pg from 'pg';

import { GantryError, LeaseLostError } from '../errors.ts';

/** A pool, or one connection of it inside a transaction. */
export type Db = Pick<pg.Pool, 'query'>;

/** A statement. With a name it is prepared once for each connection. */
export type Statement = { text: string; values?: unknown[]; name?: string };

// Connection lost (class 08), shutting down or starting (57P), too many connections (53), read-only after a
// failover (25006), deadlock or lock time-out (40, 55P03), too slow under load (57014): worth trying again.
const IS_PASSING = /^(08|57P|53|25006|40|55P03|57014)/;

/** The error of the queue for an SQLSTATE that a function returned for one of many. @throws {TypeError} if it has none */
export function errorOfSqlState(sqlState: string): GantryError {
  const known = SQL_ERRORS[sqlState];
  if (!known) throw new TypeError(`Unknown SQLSTATE: ${sqlState}`);
  return new GantryError(known.code, known.message);
}

/** Runs a statement and turns the database's refusals into the queue's errors. @throws {GantryError} */
export async function runQuery<R extends object>(db: Db, statement: Statement): Promise<R[]> {
  try {
    return (await db.query<R>({ values: [], ...statement })).rows;
  } catch (error) {
    throw toGantryError(error);
  }
}

/** Like {@link runQuery}, for statements that answer with exactly one row. */
export async function runForOne<R extends object>(db: Db, statement: Statement): Promise<R> {
  const [row] = await runQuery<R>(db, statement);
  if (!row) throw new TypeError(`No row came back from: ${statement.text.slice(0, 80)}`);
  return row;
}

/** The queue's error for a driver's error; anything unknown comes back as it is. */
export function toGantryError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof GantryError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = SQL_ERRORS[code];
  if (known?.code === 'LEASE_LOST') return new LeaseLostError({ cause: error });
  if (known) {
    return new GantryError(known.code, known.message, { cause: error, details: detailsOf(code, error) });
  }
  if (code === '23503' && 'constraint' in error && USER_CONSTRAINTS.includes(String(error.constraint))) {
    return new GantryError('USER_NOT_FOUND', undefined, { cause: error });
  }
  if (IS_PASSING.test(code) || /^E[A-Z]+$/.test(code) || isConnectionError(error)) {
    return new GantryError('DATABASE_UNAVAILABLE', undefined, { cause: error });
  }
  return error;
}

/** The parameters that a function of the queue raised with its code. Postgres' own details may show stored values. */
function detailsOf(sqlState: string, error: Error): Record<string, unknown> | undefined {
  if (!sqlState.startsWith('GQ') || !('detail' in error) || typeof error.detail !== 'string')
    return undefined;
  return JSON.parse(error.detail);
}

// node-postgres reports these without a code.
function isConnectionError(error: Error): boolean {
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after)/.test(
    error.message,
  );
}
