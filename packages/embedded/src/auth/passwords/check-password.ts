import { AuthError } from '../auth-error.ts';
import { findUserByEmail, type Queryable, type UserRow } from '../users.ts';
import type { PasswordThreads } from './password-threads.ts';

// The hash of nothing that anybody knows, of the same cost as real ones: compared against when there is no such
// account, so that both answers take as long.
const UNKNOWN_HASH = '$2b$10$.xWx3bSwjg0K7RslQN5qMenIYa5W6MbmUvHhjGZr077a.gbJKiJOe';

/**
 * Finds the user whose e-mail and password these are.
 *
 * @throws {AuthError} invalid_credentials, the same for a wrong password and for an unknown e-mail; user_banned
 */
export async function checkPassword(
  db: Queryable,
  threads: PasswordThreads,
  { email, password }: { email: string; password: string },
): Promise<UserRow> {
  const user = await findUserByEmail(db, email);
  const isMatch = await threads.verify(password, user?.encrypted_password ?? UNKNOWN_HASH);
  if (!user || !isMatch) throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
  if (user.is_banned) throw new AuthError(400, 'user_banned', 'User is banned');
  return user;
}
