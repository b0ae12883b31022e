/** What stands where a secret stood. */
export const REDACTED = 'REDACTED';

// Every repetition is bounded: the text comes from pages that may want to keep us busy.
const NAME = String.raw`(?<![\w-])[\w-]{0,40}?(?:passw|passphrase|passcode|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential|sess(?:ion)?[_-]?id|signature|csrf|xsrf|jwt|cookie)[\w-]{0,40}`;
const QUOTE = String.raw`\\{0,3}["']|&quot;|&#39;`;
/** `name=value`, `"name": "value"`, and the same inside a string or an attribute. */
const NAMED = new RegExp(
  `(?<name>${NAME}(?:${QUOTE})?\\s{0,3}[:=]\\s{0,3})(?:(?<open>${QUOTE})(?<quoted>[^]{1,4000}?)(?:\\k<open>|(?=\\n)|$)|(?<bare>[^\\s"'&<>;,\\\\{}()\\[\\]]{1,4000}))`,
  'gi',
);
/** Names so short that they are secret in an address only. */
const IN_QUERY =
  /(?<name>[?&;](?:auth|key|otp|pass|pin|session|sid|sig|cvc|cvv)=)(?<value>[^\s&#"'<>]{1,4000})/gi;
const SCHEME = /\b(?<scheme>Bearer|Basic|Digest)\s{1,3}[\w.~+/=-]{6,4000}/gi;
const JWT = /\beyJ[\w-]{8,4000}\.[\w-]{2,4000}\.[\w-]{0,4000}/g;
const USER_INFO = /(?<scheme>\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@"'<>]{1,500}@/gi;

/**
 * Takes out of any text what looks like a secret: the value of a name that says so, credentials of an HTTP scheme or in
 * a URL, signed tokens.
 *
 * @param found is told each value that a name gave away
 */
export function redactText(text: string, found: (secret: string) => void = () => {}): string {
  return text
    .replaceAll(SCHEME, `$<scheme> ${REDACTED}`)
    .replaceAll(NAMED, (...match) => {
      const { name = '', open = '', quoted, bare }: Record<string, string | undefined> = match.at(-1);
      // A credential of a scheme has gone already, and a field name is followed by one of the words above.
      if (bare !== undefined && /^(?:Bearer|Basic|Digest)$/i.test(bare)) return match[0];
      found(quoted ?? bare ?? '');
      return `${name}${open}${REDACTED}${open}`;
    })
    .replaceAll(IN_QUERY, (_, name: string, value: string) => {
      found(value);
      return `${name}${REDACTED}`;
    })
    .replaceAll(JWT, REDACTED)
    .replaceAll(USER_INFO, `$<scheme>${REDACTED}@`);
}
