import bcrypt from 'bcryptjs';

import { DEMO_PASSWORDS } from '../../demo-passwords.ts';
import { AuthError } from '../auth-error.ts';

const BCRYPT_COST = 10;
/** bcrypt looks at the first 72 bytes only, so a longer password would promise more than it holds. */
const MAX_PASSWORD_BYTES = 72;
const MIN_PASSWORD_LENGTH = 8;

/** Refuses what is too short, too long, or published with the source. @throws {AuthError} weak_password */
export function checkNewPassword(password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH) {
    throw new AuthError(
      422,
      'weak_password',
      `Password should be at least ${MIN_PASSWORD_LENGTH} characters.`,
    );
  }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw new AuthError(422, 'weak_password', `Password cannot be longer than ${MAX_PASSWORD_BYTES} bytes.`);
  }
  if (DEMO_PASSWORDS.includes(password)) {
    throw new AuthError(
      422,
      'weak_password',
      'This is the published password of a demo account. Choose another.',
    );
  }
}

/** Hashes a password. It takes a processor some 50 ms: the server has threads for it, see {@link PasswordThreads}. */
export function hashPassword(password: string): Promise<string> {
  return bcrypt.hash(password, BCRYPT_COST);
}

/** Whether a password is the one of a hash. It takes as long. */
export function verifyPassword(password: string, hash: string): Promise<boolean> {
  return bcrypt.compare(password, hash);
}
