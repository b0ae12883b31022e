import { redactHtml } from './redact-html.ts';
import { REDACTED, redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

/** Takes the secrets out of the body of a request or an answer. */
export function redactBody(text: string, mimeType: string, found: (secret: string) => void): string {
  if (/html|xml/i.test(mimeType)) return redactHtml(text, found);
  if (/x-www-form-urlencoded/i.test(mimeType)) return redactForm(text, found);
  return redactJsonText(text, found) ?? redactText(text, found);
}

/** The same for `name=value&name=value`, which is also the query of a URL. */
export function redactForm(text: string, found: (secret: string) => void): string {
  return text
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=');
      if (at < 0) return redactText(pair, found);
      const value = decode(pair.slice(at + 1));
      if (isSecretName(decode(pair.slice(0, at)))) {
        found(value);
        return `${pair.slice(0, at)}=${REDACTED}`;
      }
      const redacted = redactText(value, found);
      return redacted === value
        ? pair
        : `${pair.slice(0, at)}=${encodeURIComponent(redacted.toWellFormed())}`;
    })
    .join('&');
}

/** Takes the secrets out of a value that came from JSON. Whatever a secret name holds goes, whole branches too. */
export function redactJson(value: unknown, found: (secret: string) => void): unknown {
  if (typeof value === 'string') return redactText(value, found);
  if (Array.isArray(value)) {
    const [name, inner, ...rest] = value;
    // `[name, value]` is how headers are listed, and what a page stores.
    const isPair =
      rest.length === 0 && typeof name === 'string' && typeof inner === 'string' && isSecretName(name);
    if (!isPair) return value.map((item) => redactJson(item, found));
    found(inner);
    return [name, REDACTED];
  }
  if (typeof value !== 'object' || value === null) return value;
  // `{name, value}` and `{key, value}` is how forms and headers are listed.
  const called = 'name' in value ? value.name : 'key' in value && 'value' in value ? value.key : undefined;
  const isNamed = typeof called === 'string' && isSecretName(called);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]): [string, unknown] => {
      if (
        !(isSecretName(name) || (isNamed && name === 'value')) ||
        inner === null ||
        typeof inner === 'boolean'
      )
        return [name, redactJson(inner, found)];
      tellAll(inner, found);
      return [name, REDACTED];
    }),
  );
}

function tellAll(value: unknown, found: (secret: string) => void): void {
  if (typeof value === 'string') found(value);
  else if (typeof value === 'number') found(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) tellAll(inner, found);
}

function redactJsonText(text: string, found: (secret: string) => void): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(redactJson(JSON.parse(text), found));
  } catch {
    // Cut off, nested without end, or something else.
    return undefined;
  }
}

/** Undoes what a URL or a form does to a text; what is not written that way stays. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
