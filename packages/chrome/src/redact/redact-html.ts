import { REDACTED, redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

// Attributes hold no bare `<`, since a page is written out with it escaped; so each match ends where the next begins.
const TAG = /<(?:input|meta|textarea|button|param|option)\b[^<]*/gi;
// A page that comes from a server may write its attributes otherwise than the browser would.
const ATTRIBUTE =
  /(?<start>\s(?<name>[\w:-]{1,60})\s{0,3}=\s{0,3})(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s"'>]+))/g;
/** Attributes that say what a field holds. */
const NAMING = ['name', 'id', 'property', 'autocomplete', 'aria-label', 'placeholder'];
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: '\u00a0',
};

/**
 * Takes the secrets out of a page, as the browser writes it out or as a server sent it: values of password fields, of
 * fields and `meta` elements whose name says that they are secret, and what {@link redactText} finds, scripts and links
 * included.
 *
 * @param found called with each value that was removed because of its name
 */
export function redactHtml(html: string, found: (secret: string) => void = () => {}): string {
  const withoutFields = html.replaceAll(TAG, (tag) => {
    const attributes = new Map([...tag.matchAll(ATTRIBUTE)].map(({ groups }) => toAttribute(groups)));
    const isSecret =
      attributes.get('type')?.toLowerCase() === 'password' ||
      /^(?:one-time-code|cc-csc)$/i.test(attributes.get('autocomplete') ?? '') ||
      NAMING.some((name) => isSecretName(attributes.get(name) ?? ''));
    if (!isSecret) return tag;
    const isTextArea = /^<textarea/i.test(tag);
    const cleaned = tag.replaceAll(ATTRIBUTE, (...match) => {
      const groups: Groups = match.at(-1);
      const [name, value] = toAttribute(groups);
      if (name !== 'value' && name !== 'content') return match[0];
      found(value);
      return `${groups['start']}"${REDACTED}"`;
    });
    return isTextArea ? cleaned.replace(/>[^]*/, `>${REDACTED}`) : cleaned;
  });
  return redactText(withoutFields, found);
}

type Groups = Record<string, string | undefined>;

function toAttribute({ name = '', double, single, bare }: Groups = {}): [string, string] {
  const value = double ?? single ?? bare ?? '';
  return [name.toLowerCase(), value.replaceAll(/&(#39|\w{2,4});/g, (entity, key) => ENTITIES[key] ?? entity)];
}
