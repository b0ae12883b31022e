import { type Db, runForOne } from '../run-query.ts';

/** Tells whether a user is an admin now, whatever an older token says. */
export async function isUserAdmin(db: Db, userId: string): Promise<boolean> {
  return (
    await runForOne<{ yes: boolean }>(db, { text: 'select gantry.is_admin($1) as yes', values: [userId] })
  ).yes;
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
