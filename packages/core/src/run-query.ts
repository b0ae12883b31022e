import type pg from 'pg';

import { GantryError, LeaseLostError } from './errors.ts';
import { isRefusalCode, refusalOf } from './refusals.ts';

/** A pool, or one connection of it inside a transaction. */
export type Db = Pick<pg.Pool, 'query'>;

/** A statement. With a name it is prepared once for each connection. */
export type Statement = { text: string; values?: unknown[]; name?: string };

// SQLSTATEs of values that the database refuses.
const VALUE_ERRORS: Record<string, string> = {
  // Values that cannot be stored: a NUL in text (22021, 22P05), half a character or no UUID (22P02), no date
  // (22007, 22008), no zone that far away (22009), out of range, or refused by a CHECK.
  '22021': 'The request contains a character that cannot be stored.',
  '22P05': 'The request contains a character that cannot be stored.',
  '22P02': 'A value in the request is malformed.',
  '22007': 'A date in the request is malformed.',
  '22008': 'A date in the request is out of range.',
  '22009': 'A date in the request is out of range.',
  '22003': 'A number in the request is out of range.',
  '23514': 'A value in the request is out of range or too long.',
};

// Connection lost (class 08), shutting down or starting (57P), too many connections (53), read-only after a
// failover (25006), deadlock or lock time-out (40, 55P03), too slow under load (57014): worth trying again.
const IS_PASSING = /^(08|57P|53|25006|40|55P03|57014)/;

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
  // The queue's own functions raise a code as the message.
  if (code.startsWith('GQ')) {
    if (error.message === 'LEASE_LOST') return new LeaseLostError({ cause: error });
    return isRefusalCode(error.message) ? refusalOf(error.message, { cause: error }) : error;
  }
  const invalid = VALUE_ERRORS[code];
  if (invalid !== undefined) return new GantryError('VALUE_INVALID', invalid, { cause: error });
  if (code === '23503' && 'constraint' in error && String(error.constraint).endsWith('_user_id_fkey')) {
    return new GantryError('USER_NOT_FOUND', 'There is no such user. The account may have been deleted.', {
      cause: error,
    });
  }
  if (IS_PASSING.test(code) || /^E[A-Z]+$/.test(code) || isConnectionError(error)) {
    return new GantryError(
      'DATABASE_UNAVAILABLE',
      'The database does not answer at the moment. Please try again shortly.',
      {
        cause: error,
      },
    );
  }
  return error;
}

// node-postgres reports these without a code.
function isConnectionError(error: Error): boolean {
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after)/.test(
    error.message,
  );
}
