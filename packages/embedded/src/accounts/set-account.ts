import { checkNewPassword, hashPassword } from '../auth/passwords/hash-password.ts';
import { updateUser } from '../auth/update-user.ts';
import { createUser, findUserByEmail } from '../auth/users.ts';
import { withClient } from '../postgres/connection.ts';

/**
 * Makes an account, or gives the one that is there a new password and, where asked, the role of an admin.
 *
 * @throws {AuthError} weak_password
 */
export function setAccount(
  authDatabaseUrl: string,
  o: { email: string; password: string; isAdmin: boolean },
): Promise<'made' | 'changed'> {
  return withClient(authDatabaseUrl, async (client) => {
    checkNewPassword(o.password);
    const passwordHash = await hashPassword(o.password);
    const appMetadata = o.isAdmin ? { role: 'admin' } : {};
    const user = await findUserByEmail(client, o.email);
    if (user) {
      await updateUser(client, user.id, { passwordHash, appMetadata });
      return 'changed';
    }
    await createUser(client, { email: o.email, passwordHash, appMetadata, userMetadata: {} });
    return 'made';
  });
}
