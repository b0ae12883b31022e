import { redactBody, redactForm, redactJson } from './redact-body.ts';
import { redactHtml } from './redact-html.ts';
import { REDACTED, redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

/** A header, as HAR has it. */
export type Header = { name: string; value: string };

const MOST_VALUES = 300;
/** Shorter ones stand by chance where nothing is secret, and taking them out there would spoil the evidence. */
const SHORTEST = 6;
const SHORTEST_COOKIE = 10;
/** Of longer ones so much is looked for, and what follows it taken out too: a page may name long ones to keep us busy. */
const LONGEST = 200;

/**
 * Takes secrets out of what is kept of a run. In two ways: by the name that a value has where it stands, and by the
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
    // A cookie may have no name; what stands there then is its value.
    if (name === 'cookie') return value.replaceAll(/(?<=^|;)(\s*(?:[^=;]*=)?)([^;]+)/g, this.#cookie);
    if (name === 'set-cookie') return value.replaceAll(/^([^=;\n]*=)?([^;\n]+)/gm, this.#cookie);
    if (name === 'authorization' || name === 'proxy-authorization') {
      const [scheme = '', ...rest] = value.split(' ');
      const secret = rest.join(' ');
      this.#learn(secret || scheme);
      if (scheme.toLowerCase() === 'basic')
        this.#learn(
          Buffer.from(secret, 'base64')
            .toString()
            .replace(/^[^:]*:/, ''),
        );
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
    if (secret.length >= SHORTEST_COOKIE) this.#learn(secret.trim());
    return `${name ?? ''}${REDACTED}`;
  };

  #learn(secret: string): void {
    if (secret.length < SHORTEST || secret.includes(REDACTED)) return;
    const value = secret.slice(0, LONGEST);
    if (this.#values.size >= MOST_VALUES || this.#values.has(value)) return;
    this.#values.add(value);
    this.#patterns = null;
  }

  #byValue(text: string): string {
    this.#patterns ??= patternsOf([...this.#values]);
    return this.#patterns.reduce((clean, pattern) => clean.replaceAll(pattern, REDACTED), text);
  }
}

function patternsOf(values: string[]): RegExp[] {
  const long = values.filter(({ length }) => length === LONGEST);
  const short = values.filter(({ length }) => length < LONGEST);
  return [
    ...(long.length > 0 ? [new RegExp(`(?:${alternativesOf(long)})[\\w.~+/=%-]*`, 'g')] : []),
    ...(short.length > 0 ? [new RegExp(alternativesOf(short), 'g')] : []),
  ];
}

/** The values as they are and as a URL, a form, JSON or HTML writes them; the longest first, since one may begin another. */
function alternativesOf(values: readonly string[]): string {
  const spellings = new Set<string>();
  for (const value of values) {
    spellings.add(value);
    spellings.add(encodeURIComponent(value.toWellFormed()));
    spellings.add(new URLSearchParams([['', value]]).toString().slice(1));
    spellings.add(JSON.stringify(value).slice(1, -1));
    spellings.add(
      value
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;'),
    );
  }
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return longestFirst.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('|');
}
