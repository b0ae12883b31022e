import { SECRET_PARTS } from './secret-names.ts';

/** What stands where a secret stood. */
export const REDACTED = 'REDACTED';

// The text comes from pages that may want to keep us busy: each repetition is bounded, or its match begins where no other can.
const NAME = String.raw`(?<![\w-])[\w-]{0,40}?(?:${SECRET_PARTS})[\w-]{0,40}`;
const QUOTE = String.raw`\\{0,3}["']|&quot;|&#39;`;
/** `name=value`, `"name": "value"`, and the same inside a string, an attribute or a URL that is part of another one. */
const NAMED = new RegExp(
  `(?<name>${NAME}(?:(?:${QUOTE})?\\s{0,3}[:=]\\s{0,3}|%(?:25){0,3}3D))(?:(?<open>${QUOTE})(?<quoted>[^]*?)(?:\\k<open>|(?=\\n)|$)|(?<bare>(?:(?!%(?:25){0,3}26)[^\\s"'&<>;,\\\\{}()\\[\\]])+))`,
  'gi',
);
/** Names so short that they are secret in an address only. */
const IN_QUERY = /(?<name>[?&;](?:auth|key|otp|pass|pin|session|sid|sig|cvc|cvv)=)(?<value>[^\s&#"'<>]+)/gi;
const SCHEME = /\b(?<scheme>Bearer|Basic|Digest)\s{1,3}[\w.~+/=-]{6,}/gi;
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{2,}\.[\w-]*/g;
const USER_INFO = /(?<scheme>\b[a-z][a-z0-9+.-]{1,20}:\/\/)(?<user>[^\s/?#@"'<>]{1,500})@/gi;
/** In scripts and styles words follow such names too (`.password:disabled`), and these stand in innocent places. */
const NO_WORD = /\d|^\S{20}/;

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
      const value = quoted ?? bare ?? '';
      if (value === '') return match[0];
      if (NO_WORD.test(value)) found(value);
      return `${name}${open}${REDACTED}${open}`;
    })
    .replaceAll(IN_QUERY, (_, name: string, value: string) => {
      found(value);
      return `${name}${REDACTED}`;
    })
    .replaceAll(JWT, REDACTED)
    .replaceAll(USER_INFO, (_, scheme: string, user: string) => {
      found(user.replace(/^[^:]*:/, ''));
      return `${scheme}${REDACTED}@`;
    });
}
