import { REDACTED, redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

// Attributes hold no bare `<`, since a page is written out with it escaped; so each match ends where the next begins.
const TAG = /<(?:input|meta|textarea|button|param|option)\b[^<]*/gi;
const ATTRIBUTE = /\s(?<name>[\w:-]{1,60})="(?<value>[^"]*)"/g;
const VALUE = /\s(?:value|content)="(?<value>[^"]*)"/gi;

/**
 * Takes the secrets out of a page as the browser writes it out: values of password fields, of fields and `meta`
 * elements whose name says that they are secret, and what {@link redactText} finds, scripts and links included.
 *
 * @param found is told each value that was taken out for its name
 */
export function redactHtml(html: string, found: (secret: string) => void = () => {}): string {
  const withoutFields = html.replaceAll(TAG, (tag) => {
    const attributes = new Map(
      [...tag.matchAll(ATTRIBUTE)].map(({ groups }) => [
        groups?.['name']?.toLowerCase(),
        groups?.['value'] ?? '',
      ]),
    );
    const isSecret =
      attributes.get('type')?.toLowerCase() === 'password' ||
      ['name', 'id', 'property', 'autocomplete'].some((name) => isSecretName(attributes.get(name) ?? ''));
    if (!isSecret) return tag;
    const isTextArea = /^<textarea/i.test(tag);
    const cleaned = tag.replaceAll(VALUE, (attribute, value: string) => {
      found(value);
      return attribute.replace(`"${value}"`, `"${REDACTED}"`);
    });
    return isTextArea ? cleaned.replace(/>[^]*/, `>${REDACTED}`) : cleaned;
  });
  return redactText(withoutFields, found);
}
