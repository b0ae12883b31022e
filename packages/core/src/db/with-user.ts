import type { JsonValue } from '@gantry/contract';
import type pg from 'pg';

import { type Db, toGantryError } from './run-query.ts';

/** The verified claims of an access token; `sub` is the user's id. */
export type UserClaims = { sub: string; [claim: string]: JsonValue | undefined };

/**
 * Runs queries as a user: in a transaction as the role `authenticated` with the claims set, so that row level
 * security decides what is there. Role and claims end with the transaction.
 *
 * @example
 * const job = await withUser(pool, claims, (db) => getJob(db, jobId)); // null if it is another user's
 */
export function withUser<T>(pool: pg.Pool, claims: UserClaims, run: (db: Db) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (db) => {
    await db.query({
      name: 'become-user',
      text: `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`,
      values: [JSON.stringify({ ...claims, role: 'authenticated' })],
    });
    return run(db);
  });
}

/** Runs queries in one transaction, as whom the pool is. */
export async function withTransaction<T>(pool: pg.Pool, run: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toGantryError(error);
  });
  let isBroken = false;
  try {
    await client.query('begin');
    const result = await run(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true;
    });
    throw toGantryError(error);
  } finally {
    // A connection that could not roll back may still have the user's role: it is closed, not reused.
    client.release(isBroken);
  }
}
