import { randomBytes } from 'node:crypto';

import { signSession, type TokenSettings } from './sign-session.ts';
import type { Queryable, UserRow } from './users.ts';

/** What ends at a sign-out: this session, all of the user's, or all but this one. */
export type LogoutScope = 'local' | 'global' | 'others';

const CONDITION: Record<LogoutScope, string> = {
  local: 'id = $2',
  others: 'id <> $2',
  global: '$2::uuid is not null',
};

/** A session that was not refreshed for so long has been forgotten; a program may open one for each of its runs. */
const FORGOTTEN_DAYS = 90;

/** Opens a session for a user who has just proved who they are, and ends those that they have forgotten. */
export async function openSession(db: Queryable, user: UserRow, settings: TokenSettings) {
  const { rows } = await db.query<{ id: string; now: Date }>(
    `with signed_in as (update auth.users set last_sign_in_at = now() where id = $1),
     forgotten as (
       delete from auth.sessions where user_id = $1 and updated_at < now() - make_interval(days => $2))
     insert into auth.sessions (user_id) values ($1) returning id, now()`,
    [user.id, FORGOTTEN_DAYS],
  );
  const [session] = rows;
  if (!session) throw new Error('An inserted session has an id.');
  const refreshToken = await insertRefreshToken(db, {
    userId: user.id,
    sessionId: session.id,
    parent: null,
  });
  const signedIn = { ...user, last_sign_in_at: session.now };
  return signSession(signedIn, { sessionId: session.id, refreshToken }, settings);
}

/** Ends sessions of a user. `sessionId` is the one that asks. */
export async function endSessions(
  db: Queryable,
  o: { userId: string; sessionId: string; scope: LogoutScope },
): Promise<void> {
  await db.query(`delete from auth.sessions where user_id = $1 and ${CONDITION[o.scope]}`, [
    o.userId,
    o.sessionId,
  ]);
}

/** Tells whether a session was opened and not ended. */
export async function isSessionOpen(db: Queryable, sessionId: string): Promise<boolean> {
  const { rows } = await db.query('select from auth.sessions where id = $1', [sessionId]);
  return rows.length > 0;
}

/** Adds a refresh token to a session. `parent` is the one that it replaces. */
export async function insertRefreshToken(
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
