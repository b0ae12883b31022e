import { type Db, runForOne } from '../db/run-query.ts';
import type { UserClaims } from '../db/with-user.ts';

/**
 * Whether the bearer of verified claims acts as an admin, by what the database says now. A program that a user has let in
 * (OAuth) never does, and a user with a second factor only after signing in with it.
 *
 * @see supabase/schemas/63_accounts.sql
 */
export async function hasAdminRights(db: Db, claims: UserClaims): Promise<boolean> {
  const { yes } = await runForOne<{ yes: boolean }>(db, {
    name: 'has-admin-rights',
    text: 'select gantry.has_admin_rights($1) as yes',
    values: [JSON.stringify(claims)],
  });
  return yes;
}

/** Tells whether a session was opened by this user and has not been ended since. */
export async function isSessionOpen(db: Db, o: { sessionId: string; userId: string }): Promise<boolean> {
  const { yes } = await runForOne<{ yes: boolean }>(db, {
    name: 'is-session-open',
    text: 'select gantry.is_session_open($1, $2) as yes',
    values: [o.sessionId, o.userId],
  });
  return yes;
}
