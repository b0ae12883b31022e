import { hashPassword, verifyPassword } from './hash-password.ts';

// What a thread of the pool does.

/** @see hashPassword */
export function hash({ password }: { password: string }): Promise<string> {
  return hashPassword(password);
}

/** @see verifyPassword */
export function verify(o: { password: string; hash: string }): Promise<boolean> {
  return verifyPassword(o.password, o.hash);
}
