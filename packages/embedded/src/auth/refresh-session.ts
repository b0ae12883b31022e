import type pg from 'pg';

import { AuthError } from './auth-error.ts';
import { insertRefreshToken } from './sessions.ts';
import { signSession, type TokenSettings } from './sign-session.ts';
import { findUser, type Queryable } from './users.ts';

/** A client may lose the answer to a refresh and send the same token again; so long it is forgiven. */
const REUSE_SECONDS = 10;

type Rotation =
  | { outcome: 'rotated'; userId: string; sessionId: string; refreshToken: string }
  | { outcome: 'unknown' }
  | { outcome: 'reused' };

/**
 * Trades a refresh token for a new session. A token is good once; one that comes again after its grace was
 * stolen or leaked, so the whole session ends.
 *
 * @throws {AuthError} refresh_token_not_found, refresh_token_already_used, session_not_found
 */
export async function refreshSession(pool: pg.Pool, token: string, settings: TokenSettings) {
  const rotation = await inTransaction(pool, (client) => rotate(client, token));
  if (rotation.outcome === 'unknown') {
    throw new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
  }
  if (rotation.outcome === 'reused') {
    throw new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
  }
  const user = await findUser(pool, rotation.userId);
  if (!user || user.is_banned) throw new AuthError(403, 'session_not_found', 'This session no longer exists');
  return signSession(user, rotation, settings);
}

async function rotate(client: Queryable, token: string): Promise<Rotation> {
  // The session's row is the lock: two tabs refresh at the same moment with the same token. What follows are
  // statements of their own, for one that waited for the lock would not see what the other has written.
  const { rows: sessions } = await client.query<{ id: string; user_id: string }>(
    `select id, user_id from auth.sessions
     where id = (select session_id from auth.refresh_tokens where token = $1) for update`,
    [token],
  );
  const [session] = sessions;
  if (!session) return { outcome: 'unknown' };
  const { rows: tokens } = await client.query<{ revoked: boolean; is_fresh: boolean; child: string | null }>(
    `select t.revoked, t.updated_at > now() - make_interval(secs => $2) as is_fresh,
       (select c.token from auth.refresh_tokens c where c.parent = t.token and not c.revoked) as child
     from auth.refresh_tokens t where t.token = $1`,
    [token, REUSE_SECONDS],
  );
  const [found] = tokens;
  if (!found) return { outcome: 'unknown' };
  const sessionId = session.id;
  if (found.revoked && found.is_fresh && found.child) {
    return { outcome: 'rotated', userId: session.user_id, sessionId, refreshToken: found.child };
  }
  if (found.revoked) {
    await client.query('delete from auth.sessions where id = $1', [sessionId]);
    return { outcome: 'reused' };
  }
  await client.query('update auth.refresh_tokens set revoked = true, updated_at = now() where token = $1', [
    token,
  ]);
  // Kept for a day, so that a stolen one is noticed; for ever, a session of months would hold thousands.
  await client.query(
    `delete from auth.refresh_tokens where session_id = $1 and revoked and updated_at < now() - interval '1 day'`,
    [sessionId],
  );
  const refreshToken = await insertRefreshToken(client, {
    userId: session.user_id,
    sessionId,
    parent: token,
  });
  await client.query('update auth.sessions set refreshed_at = now(), updated_at = now() where id = $1', [
    sessionId,
  ]);
  return { outcome: 'rotated', userId: session.user_id, sessionId, refreshToken };
}

async function inTransaction<T>(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await run(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that failed in the middle is not worth keeping; closing it rolls back.
    client.release(true);
    throw error;
  }
}
