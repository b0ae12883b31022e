import { redactBody, redactForm, redactJson } from './redact-body.ts';
import { redactHtml } from './redact-html.ts';
import { REDACTED, redactText, tellCredential } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

/** A header, as HAR has it. */
export type Header = { name: string; value: string };

const MAX_VALUES = 300;
/** Shorter ones occur by chance, and removing them would spoil the evidence. */
const MIN_LENGTH = 6;
const MIN_COOKIE_LENGTH = 10;
/** Of longer ones so much is looked for, and what follows it taken out too: a page may name long ones to keep us busy. */
const MAX_LENGTH = 200;
/** Passwords are sent in Base64; what is longer is mostly written in it already. */
const MAX_LENGTH_IN_BASE64 = 64;

/**
 * Takes secrets out of what is kept of a run. In two ways: by the name beside a value, and by the
 * value itself wherever else it turns up. So what is to be redacted is shown to it twice: all of it once to learn from,
 * then each piece to be cleaned.
 */
export class Redactor {
  readonly #values = new Set<string>();
  #patterns: RegExp[] | null = null;
  readonly #found = (secret: string) => this.#learn(secret);

  /** Takes out what any text shows, and what was learnt. */
  text(text: string): string {
    return this.#byValue(redactText(text, this.#found));
  }

  /** The same for a page. */
  html(html: string): string {
    return this.#byValue(redactHtml(html, this.#found));
  }

  /** The same for a body of this type. */
  body(text: string, mimeType: string): string {
    return this.#byValue(redactBody(text, mimeType, this.#found));
  }

  /** The same for something of JSON, such as the input of a job. */
  json(value: unknown): unknown {
    return redactJson(value, this.#found);
  }

  /** The same for a URL: its user, its query and its fragment. */
  url(url: string): string {
    const [, address = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/.exec(url) ?? [];
    const clean =
      redactText(address, this.#found) +
      (query === undefined ? '' : `?${redactForm(query, this.#found)}`) +
      (fragment === undefined ? '' : `#${redactForm(fragment, this.#found)}`);
    return this.#byValue(clean);
  }

  /** The same for headers. Of cookies the names and rules stay. */
  headers(headers: Iterable<readonly [string, string]>): Header[] {
    return [...headers].map(([name, value]) => ({ name, value: this.#header(name.toLowerCase(), value) }));
  }

  #header(name: string, value: string): string {
    // A cookie may have no name; the text is then its value.
    if (name === 'cookie') return value.replaceAll(/(?<=^|;)(\s*(?:[^=;]*=)?)([^;]+)/g, this.#cookie);
    if (name === 'set-cookie') return value.replaceAll(/^([^=;\n]*=)?([^;\n]+)/gm, this.#cookie);
    if (name === 'authorization' || name === 'proxy-authorization') {
      const [scheme = '', ...rest] = value.split(' ');
      const secret = rest.join(' ');
      tellCredential(scheme, secret || scheme, this.#found);
      return secret ? `${scheme} ${REDACTED}` : REDACTED;
    }
    if (isSecretName(name)) {
      this.#learn(value);
      return REDACTED;
    }
    return /^(?:location|referer|origin|content-location|:path)$/.test(name)
      ? this.url(value)
      : this.text(value);
  }

  readonly #cookie = (_: string, name: string | undefined, secret: string): string => {
    if (secret.length >= MIN_COOKIE_LENGTH) this.#learn(secret.trim());
    return `${name ?? ''}${REDACTED}`;
  };

  #learn(secret: string): void {
    if (secret.length < MIN_LENGTH || secret.includes(REDACTED)) return;
    const value = secret.slice(0, MAX_LENGTH);
    if (this.#values.size >= MAX_VALUES || this.#values.has(value)) return;
    this.#values.add(value);
    this.#patterns = null;
  }

  #byValue(text: string): string {
    this.#patterns ??= patternsOf([...this.#values]);
    return this.#patterns.reduce((clean, pattern) => clean.replaceAll(pattern, REDACTED), text);
  }
}

function patternsOf(values: string[]): RegExp[] {
  const long = values.filter(({ length }) => length === MAX_LENGTH);
  const short = values.filter(({ length }) => length < MAX_LENGTH);
  const inBase64 = short.filter(({ length }) => length <= MAX_LENGTH_IN_BASE64).flatMap(base64Of);
  // Apart, since a pattern that is very long is not compiled into fast code.
  return [
    ...(long.length > 0 ? [new RegExp(`(?:${alternativesOf(long)})[\\w.~+/=%-]*`, 'g')] : []),
    ...(short.length > 0 ? [new RegExp(alternativesOf(short), 'g')] : []),
    ...(inBase64.length > 0 ? [new RegExp(oneOf(inBase64), 'g')] : []),
  ];
}

/** The values as they are and as a URL, a form, JSON or HTML writes them; the longest first, since one may begin another. */
function alternativesOf(values: readonly string[]): string {
  const spellings = new Set<string>();
  for (const value of values) {
    spellings.add(value);
    const inUrl = encodeURIComponent(value.toWellFormed());
    spellings.add(inUrl);
    spellings.add(inUrl.replaceAll(/%../g, (escape) => escape.toLowerCase()));
    spellings.add(new URLSearchParams([['', value]]).toString().slice(1));
    const json = JSON.stringify(value).slice(1, -1);
    spellings.add(json);
    // As PHP writes it, and as it is written into a script of a page.
    spellings.add(json.replaceAll('/', String.raw`\/`).replaceAll(/[^\x20-\x7e]/g, toEscape));
    spellings.add(json.replaceAll(/[^\x20-\x7e]|[<>&]/g, toEscape));
    const inHtml = value
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;');
    spellings.add(inHtml);
    spellings.add(inHtml.replaceAll("'", '&#39;'));
  }
  return oneOf(spellings);
}

function oneOf(texts: Iterable<string>): string {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return longestFirst.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('|');
}

function toEscape(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * What of a value stays the same in Base64, whatever comes before and after it, `user:` for one: three bytes become four
 * characters, so there are three ways to begin.
 */
function base64Of(value: string): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const begin = Math.ceil((before * 8) / 6);
    const end = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(begin, end);
  });
}
