// Parts of names, without dashes and underscores, whose values open doors.
const PARTS =
  /passw|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|authorization|credential|sessionid|sessid|signature|csrf|xsrf|jwt|cookie/;
const WHOLE = new Set(['auth', 'key', 'otp', 'pass', 'pin', 'session', 'sid', 'sig', 'cvc', 'cvv']);

/** Tells by the name of a header, a parameter or a field whether its value is a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return WHOLE.has(plain) || plain.endsWith('auth') || PARTS.test(plain);
}
