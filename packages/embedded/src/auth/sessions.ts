import { randomBytes } from 'node:crypto';

import { SignJWT } from 'jose';
import type pg from 'pg';

import type { SigningKey } from '../signing-key.ts';
import { AuthError } from './auth-error.ts';
import { findUser, type Queryable, toUserJson, type UserRow } from './users.ts';

/** Seconds that an access token lives, as in a new Supabase project. */
export const ACCESS_TOKEN_SECONDS = 3600;
/** A client may lose the answer to a refresh and send the same token again; so long it is forgiven. */
const REUSE_SECONDS = 10;

/** Who signs, and under which name. */
export type TokenSettings = { signingKey: SigningKey; issuer: string };

/** Opens a session for a user who has just proved who they are. */
export async function openSession(db: Queryable, user: UserRow, settings: TokenSettings) {
  const { rows } = await db.query<{ id: string }>(
    'insert into auth.sessions (user_id) values ($1) returning id',
    [user.id],
  );
  const sessionId = rows[0]?.id ?? '';
  await db.query('update auth.users set last_sign_in_at = now() where id = $1', [user.id]);
  const refreshToken = await insertRefreshToken(db, { userId: user.id, sessionId, parent: null });
  return toSessionJson({ ...user, last_sign_in_at: new Date() }, { sessionId, refreshToken }, settings);
}

/**
 * Trades a refresh token for a new session. A token is good once; one that comes again after its grace was
 * stolen or leaked, so the whole session ends.
 *
 * @throws {AuthError} refresh_token_not_found, refresh_token_already_used, session_not_found
 */
export async function refreshSession(pool: pg.Pool, token: string, settings: TokenSettings) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{
      user_id: string;
      session_id: string;
      revoked: boolean;
      is_fresh: boolean;
      child: string | null;
    }>(
      `select t.user_id, t.session_id, t.revoked, t.updated_at > now() - make_interval(secs => $2) as is_fresh,
         (select c.token from auth.refresh_tokens c where c.parent = t.token and not c.revoked) as child
       from auth.refresh_tokens t where t.token = $1 for update of t`,
      [token, REUSE_SECONDS],
    );
    const [found] = rows;
    if (!found)
      throw new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
    const user = await findUser(client, found.user_id);
    if (!user || isBanned(user))
      throw new AuthError(403, 'session_not_found', 'This session no longer exists');
    let refreshToken = found.child;
    if (!found.revoked) {
      await client.query(
        'update auth.refresh_tokens set revoked = true, updated_at = now() where token = $1',
        [token],
      );
      refreshToken = await insertRefreshToken(client, {
        userId: user.id,
        sessionId: found.session_id,
        parent: token,
      });
    } else if (!found.is_fresh || !refreshToken) {
      await client.query('delete from auth.sessions where id = $1', [found.session_id]);
      await client.query('commit');
      throw new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
    }
    await client.query('update auth.sessions set refreshed_at = now(), updated_at = now() where id = $1', [
      found.session_id,
    ]);
    await client.query('commit');
    return await toSessionJson(
      user,
      { sessionId: found.session_id, refreshToken: refreshToken ?? '' },
      settings,
    );
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Ends sessions of a user: this one, all, or all but this one. */
export async function endSessions(
  db: Queryable,
  o: { userId: string; sessionId: string; scope: string },
): Promise<void> {
  const condition = { local: 'id = $2', others: 'id <> $2' }[o.scope] ?? '$2::uuid is not null';
  await db.query(`delete from auth.sessions where user_id = $1 and ${condition}`, [o.userId, o.sessionId]);
}

/** Tells whether a session was opened and not ended. */
export async function isSessionOpen(db: Queryable, sessionId: string): Promise<boolean> {
  const { rows } = await db.query('select from auth.sessions where id = $1', [sessionId]);
  return rows.length > 0;
}

/** Tells whether a user may not sign in now. */
export function isBanned(user: UserRow): boolean {
  return user.banned_until !== null && user.banned_until > new Date();
}

async function insertRefreshToken(
  db: Queryable,
  o: { userId: string; sessionId: string; parent: string | null },
): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await db.query(
    'insert into auth.refresh_tokens (token, user_id, session_id, parent) values ($1, $2, $3, $4)',
    [token, o.userId, o.sessionId, o.parent],
  );
  return token;
}

async function toSessionJson(
  user: UserRow,
  o: { sessionId: string; refreshToken: string },
  { signingKey, issuer }: TokenSettings,
) {
  const now = Math.floor(Date.now() / 1000);
  const accessToken = await new SignJWT({
    role: user.role,
    email: user.email,
    phone: '',
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    session_id: o.sessionId,
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: now }],
    is_anonymous: user.is_anonymous,
  })
    .setProtectedHeader({ alg: 'ES256', kid: signingKey.kid, typ: 'JWT' })
    .setSubject(user.id)
    .setIssuer(issuer)
    .setAudience('authenticated')
    .setIssuedAt(now)
    .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
    .sign(signingKey.privateKey);
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    expires_at: now + ACCESS_TOKEN_SECONDS,
    refresh_token: o.refreshToken,
    user: toUserJson(user),
  };
}
