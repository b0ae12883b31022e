import { SECRET_PARTS } from './secret-names.ts';

/** Replaces a secret. */
export const REDACTED = 'REDACTED';

// The text comes from pages that may want to keep us busy: each repetition is bounded, or its match begins where no other can.
const NAME = String.raw`(?<![\w-])[\w-]{0,40}?(?:${SECRET_PARTS})[\w-]{0,40}`;
const QUOTE = String.raw`\\{0,3}["']|&quot;|&#39;`;
/** `name=value`, `"name": "value"`, and the same inside a string, an attribute or a URL that is part of another one. */
const NAMED = new RegExp(
  `(?<name>${NAME}(?:(?:${QUOTE})?\\s{0,3}(?:=>|[:=])\\s{0,40}|%(?:25){0,3}3D))(?:(?<open>${QUOTE})(?<quoted>[^]*?)(?:\\k<open>|(?=\\n)|$)|(?<bare>(?:(?!%(?:25){0,3}26)[^\\s"'&<>;,\\\\{}()\\[\\]])+))`,
  'gi',
);
/** Names so short that words begin with them. */
const SHORT = String.raw`(?<![\w-])(?:auth|otp|pass|pw|session|sid)(?:${QUOTE})?\s{0,3}[:=]\s{0,3}(?:${QUOTE})?`;
/**
 * A name and a value with less between them: `setItem("token", "value")`, `the token is value`, `/token/value`. Words that
 * are beside such names by chance stay, classes of a page for one: so only what no word looks like.
 */
const LOOSE = new RegExp(
  [
    `(?<name>${NAME}(?:(?:${QUOTE})\\s{0,3},\\s{0,3}(?:${QUOTE})|\\s{1,3}is\\s{1,3})|${SHORT})(?<value>${valueOf(8, '/')})`,
    `(?<longName>${NAME}[\\s/])(?<longValue>${valueOf(20)})`,
  ].join('|'),
  'gi',
);
/** `<ns:Password Type="...">value<`, and the same as CDATA. */
const ELEMENT = new RegExp(
  `(?<name><(?:[\\w.-]{1,60}:)?[\\w.-]{0,40}?(?:${SECRET_PARTS})[\\w.-]{0,40}(?:\\s[^<>]{0,300})?>\\s{0,40}(?:<!\\[CDATA\\[)?)(?<value>[^<\\]]{1,10000})`,
  'gi',
);
const COOKIES = /(?<name>\b(?:set-)?cookie:\s{0,3})[^\n"'<>]+/gi;
/** Names so short that they are secret in an address only. */
const IN_QUERY = /(?<name>[?&;](?:auth|key|otp|pass|pin|session|sid|sig|cvc|cvv)=)(?<value>[^\s&#"'<>]+)/gi;
const SCHEME = /\b(?<scheme>Bearer|Basic|Digest)\s{1,3}(?<value>[\w.~+/=-]{6,})/gi;
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{2,}\.[\w-]*/g;
const USER_INFO = /(?<scheme>\b[a-z][a-z0-9+.-]{1,20}:\/\/)(?<user>[^\s/?#@"'<>]{1,500})@/gi;
/** In scripts and styles words follow such names too (`.password:disabled`), in innocent places. */
const NO_WORD = /\d|^\S{20}/;

/**
 * Takes out of any text what looks like a secret: the value of a name that says so, credentials of an HTTP scheme or in
 * a URL, signed tokens.
 *
 * @param found called with each value that a name gave away
 */
export function redactText(text: string, found: (secret: string) => void = () => {}): string {
  return text
    .replaceAll(SCHEME, (_, scheme: string, value: string) => {
      // Of the words that may follow in a sentence none is learnt.
      if (NO_WORD.test(value)) tellCredential(scheme, value, found);
      return `${scheme} ${REDACTED}`;
    })
    .replaceAll(COOKIES, `$<name>${REDACTED}`)
    .replaceAll(ELEMENT, (_, name: string, value: string) => {
      if (NO_WORD.test(value)) found(value.trim());
      return `${name}${REDACTED}`;
    })
    .replaceAll(NAMED, (...match) => {
      const { name = '', open = '', quoted, bare }: Record<string, string | undefined> = match.at(-1);
      // A credential of a scheme has gone already, and a field name is followed by one of the words above.
      if (bare !== undefined && /^(?:Bearer|Basic|Digest)$/i.test(bare)) return match[0];
      const value = quoted ?? bare ?? '';
      if (value === '') return match[0];
      if (NO_WORD.test(value)) found(value);
      return `${name}${open}${REDACTED}${open}`;
    })
    .replaceAll(LOOSE, (...match) => {
      const { name, value, longName = '', longValue = '' }: Record<string, string | undefined> = match.at(-1);
      found(value ?? longValue);
      return `${name ?? longName}${REDACTED}`;
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

/** Tells what a credential of an HTTP scheme gives away: itself, and of `Basic` the password inside. */
export function tellCredential(scheme: string, value: string, found: (secret: string) => void): void {
  found(value);
  if (scheme.toLowerCase() === 'basic')
    found(
      Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, ''),
    );
}

/** A value of at least so many characters, with a digit near its beginning. */
function valueOf(length: number, alsoOf = ''): string {
  const rest = String.raw`[\w.~+=%!@$^*${alsoOf}-]`;
  return String.raw`(?=${rest}{0,60}\d)[\w~+=%!@$^*]${rest}{${length - 1},}`;
}
