import bcrypt from 'bcryptjs';

import { AuthError } from './auth-error.ts';
import { findUserByEmail, type Queryable, type UserRow } from './users.ts';

// The hash of nothing that anybody knows, of the same cost as real ones: compared against when there is no such
// account, so that both answers take as long.
const NOBODYS_HASH = '$2b$10$.xWx3bSwjg0K7RslQN5qMenIYa5W6MbmUvHhjGZr077a.gbJKiJOe';

/**
 * Finds the user whose e-mail and password these are.
 *
 * @throws {AuthError} invalid_credentials, the same for a wrong password and for nobody; user_banned
 */
export async function checkPassword(db: Queryable, email: string, password: string): Promise<UserRow> {
  const user = await findUserByEmail(db, email);
  const isMatch = await bcrypt.compare(password, user?.encrypted_password ?? NOBODYS_HASH);
  if (!user || !isMatch) throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
  if (user.is_banned) throw new AuthError(400, 'user_banned', 'User is banned');
  return user;
}
