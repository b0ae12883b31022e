import type { JsonObject, JsonValue } from '@gantry/client';

/** A choice of a field: what is sent, and what people read. */
export type FieldChoice = { value: string; label: string };

/** One control of a form, read from a JSON Schema. */
export type SchemaField = {
  name: string;
  label: string;
  hint: string | null;
  /** Must be filled in: a field with a default never needs to be. */
  isRequired: boolean;
} & (
  | { kind: 'text'; initial: string; isUrl: boolean; minLength: number | null; maxLength: number | null }
  | { kind: 'number'; initial: string; isInteger: boolean; minimum: number | null; maximum: number | null }
  | { kind: 'boolean'; initial: boolean }
  | { kind: 'choice'; initial: string; choices: FieldChoice[] }
  | { kind: 'choices'; initial: string[]; choices: FieldChoice[]; minItems: number }
  | { kind: 'list'; initial: string[]; areUrls: boolean; minItems: number; maxItems: number | null }
  | { kind: 'json'; initial: string }
);

/** Reads the controls of a form from the schema of a service's input. What no control fits becomes JSON. */
export function readSchemaFields(schema: JsonObject): SchemaField[] {
  const properties = asObject(schema['properties']) ?? {};
  const required = new Set(asArray(schema['required']));
  return Object.entries(properties).map(([name, value]) => {
    const property = withoutNull(asObject(value) ?? {});
    return {
      name,
      label: asString(property['title']) ?? toLabel(name),
      hint: asString(property['description']),
      isRequired: required.has(name) && property['default'] === undefined,
      ...controlOf(property),
    };
  });
}

type Control = SchemaField extends infer Field
  ? Field extends SchemaField
    ? Omit<Field, 'name' | 'label' | 'hint' | 'isRequired'>
    : never
  : never;

function controlOf(property: JsonObject): Control {
  const initial = property['default'];
  const choices = choicesOf(property);
  if (choices) return { kind: 'choice', choices, initial: asString(initial) ?? '' };
  switch (property['type']) {
    case 'boolean':
      return { kind: 'boolean', initial: initial === true };
    case 'number':
    case 'integer':
      return {
        kind: 'number',
        initial: asNumber(initial)?.toString() ?? '',
        isInteger: property['type'] === 'integer',
        minimum: asNumber(property['minimum']),
        maximum: asNumber(property['maximum']),
      };
    case 'string':
      return {
        kind: 'text',
        initial: asString(initial) ?? '',
        isUrl: property['format'] === 'uri',
        minLength: asNumber(property['minLength']),
        maxLength: asNumber(property['maxLength']),
      };
    case 'array':
      return arrayControl(property);
    default:
      return { kind: 'json', initial: initial === undefined ? '' : JSON.stringify(initial, null, 2) };
  }
}

function arrayControl(property: JsonObject): Control {
  const items = asObject(property['items']) ?? {};
  const initial = asArray(property['default']).flatMap((item) => asString(item) ?? []);
  const minItems = asNumber(property['minItems']) ?? 0;
  const choices = choicesOf(items);
  if (choices) return { kind: 'choices', choices, initial, minItems };
  if (items['type'] !== 'string') return { kind: 'json', initial: '' };
  const areUrls = items['format'] === 'uri';
  return { kind: 'list', areUrls, initial, minItems, maxItems: asNumber(property['maxItems']) };
}

function choicesOf(property: JsonObject): FieldChoice[] | null {
  const values = asArray(property['enum']).flatMap((value) => asString(value) ?? []);
  return values.length === 0 ? null : values.map((value) => ({ value, label: toLabel(value) }));
}

/** `anyOf: [X, null]` is an X that may be left out. */
function withoutNull(property: JsonObject): JsonObject {
  const variants = asArray(property['anyOf'])
    .map(asObject)
    .filter((variant) => variant !== null);
  const others = variants.filter((variant) => variant['type'] !== 'null');
  const [only] = others;
  return only !== undefined && others.length === 1 ? { ...only, ...property } : property;
}

/** `maxItems` to `Max items`, `pdf` to `PDF`: short words are nearly always abbreviations here. */
function toLabel(name: string): string {
  if (/^[a-z]{2,3}$/.test(name)) return name.toUpperCase();
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function asObject(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

function asArray(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function asString(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function asNumber(value: JsonValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
