import type pg from 'pg';

import { GantryError, type GantryErrorCode, LeaseLostError } from './errors.ts';

/** A pool, or one connection of it inside a transaction. */
export type Db = Pick<pg.Pool, 'query'>;

/** A statement. With a name it is prepared once for each connection. */
export type Statement = { text: string; values?: unknown[]; name?: string };

// The queue's own SQLSTATEs, raised by the functions of the schema `gantry`.
const ERRORS: Record<string, [GantryErrorCode, string]> = {
  GQ002: ['JOB_NOT_FOUND', 'There is no such job. It may have expired; look at your list of jobs.'],
  GQ003: ['JOB_ALREADY_FINISHED', 'The job has already finished, so it cannot be cancelled.'],
  GQ004: ['SERVICE_NOT_FOUND', 'There is no such service. Pick one from the list of services.'],
  GQ005: [
    'IDEMPOTENCY_CONFLICT',
    'This idempotency key was used for a different submission. Use a new key for a new job.',
  ],
  GQ006: ['UPLOAD_NOT_FOUND', 'There is no such upload. Upload the file again.'],
  GQ007: ['WORKER_UNKNOWN', 'This worker is not registered, or takes nothing new.'],
  GQ008: ['VALUE_INVALID', 'This attempt has a file of this name already.'],
  GQ009: ['JOB_NOT_RETRYABLE', 'Only a failed job can be retried.'],
  GQ010: [
    'DEPENDENCY_NOT_FOUND',
    'A job that this one is to run after does not exist, is not yours or has expired. Leave it out, or submit it again first.',
  ],
  GQ012: [
    'DEPENDENCY_UNMET',
    'A job that this one runs after did not complete. Retry that one first, or run this one again without it.',
  ],
  GQ013: [
    'QUOTA_EXCEEDED',
    'You have as many unfinished jobs as you may have. Wait until some have finished, or cancel some, and submit again.',
  ],
  GQ014: [
    'STORAGE_QUOTA_EXCEEDED',
    'Your files fill the storage that you may use. Delete finished jobs whose results you have saved: their files are deleted with them. Otherwise files are deleted when results expire, and uploads that no job uses after a day.',
  ],
  GQ020: [
    'SCHEDULE_NOT_FOUND',
    'There is no such schedule. It may have been deleted; look at your list of schedules.',
  ],
  GQ030: ['QUEUE_NOT_FOUND', 'There is no such queue. It may have been deleted; look at the list of queues.'],
  GQ031: [
    'QUEUE_IN_USE',
    'A queue can be deleted when no service is bound to it and none of its jobs waits or runs. Bind its services to another queue and let its jobs end first.',
  ],
  GQ032: ['QUEUE_EXISTS', 'There is a queue of this name already. Choose another name.'],
  // Values that cannot be stored: a NUL in text (22021, 22P05), half a character or no UUID (22P02), no date
  // (22007, 22008), no zone that far away (22009), out of range, or refused by a CHECK.
  '22021': ['VALUE_INVALID', 'The request contains a character that cannot be stored.'],
  '22P05': ['VALUE_INVALID', 'The request contains a character that cannot be stored.'],
  '22P02': ['VALUE_INVALID', 'A value in the request is malformed.'],
  '22007': ['VALUE_INVALID', 'A date in the request is malformed.'],
  '22008': ['VALUE_INVALID', 'A date in the request is out of range.'],
  '22009': ['VALUE_INVALID', 'A date in the request is out of range.'],
  '22003': ['VALUE_INVALID', 'A number in the request is out of range.'],
  '23514': ['VALUE_INVALID', 'A value in the request is out of range or too long.'],
};

// Connection lost (class 08), shutting down or starting (57P), too many connections (53), read-only after a
// failover (25006), deadlock or lock time-out (40, 55P03), too slow under load (57014): worth trying again.
const IS_PASSING = /^(08|57P|53|25006|40|55P03|57014)/;

/** The queue's error for one of its own SQLSTATEs. */
export function refusalOf(code: string): GantryError {
  const known = ERRORS[code];
  if (!known) throw new TypeError(`Unknown refusal: ${code}`);
  return new GantryError(...known);
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
  if (code === 'GQ001') return new LeaseLostError({ cause: error });
  const known = ERRORS[code];
  if (known) return new GantryError(...known, { cause: error });
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
