/** Parts of names whose values open doors, as a pattern. */
export const SECRET_PARTS =
  'passw|passphrase|passcode|pwd|secret|token|(?:api|auth|access|private|shared|subscription)[_-]?key|authorization|credential|sess(?:ion)?[_-]?id|signature|saml|csrf|xsrf|jwt|cookie';
const PARTS = new RegExp(SECRET_PARTS);
const WHOLE = new Set(['auth', 'key', 'otp', 'pass', 'pin', 'session', 'sid', 'sig', 'cvc', 'cvv']);

/** Tells by the name of a header, a parameter or a field whether its value is a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return WHOLE.has(plain) || plain.endsWith('auth') || PARTS.test(plain);
}
