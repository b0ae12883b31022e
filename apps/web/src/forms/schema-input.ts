import type { JsonObject, JsonValue } from '@gantry/client';

import type { SchemaField } from './schema-fields.ts';

/** The values of a form's controls, by the name of the field. */
export type FieldValues = Record<string, string | boolean | string[]>;

/** The input to send, or what is wrong, by the name of the field. */
export type SchemaInput = { input: JsonObject } | { errors: Record<string, string> };

/** The initial values of the controls. */
export function initialValues(fields: readonly SchemaField[]): FieldValues {
  return Object.fromEntries(
    fields.map((field) => [field.name, field.kind === 'list' ? field.initial.join('\n') : field.initial]),
  );
}

/** The values of the controls for an earlier input; the initial ones where it has none. */
export function valuesOf(fields: readonly SchemaField[], input: JsonValue): FieldValues {
  const given = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  const initial = initialValues(fields);
  return Object.fromEntries(
    fields.map((field) => {
      const value = given[field.name];
      return [field.name, value === undefined ? (initial[field.name] ?? '') : showValue(field, value)];
    }),
  );
}

function showValue(field: SchemaField, value: JsonValue): FieldValues[string] {
  if (field.kind === 'boolean') return value === true;
  if (field.kind === 'json') return JSON.stringify(value, null, 2);
  if (!Array.isArray(value)) return typeof value === 'object' ? '' : String(value);
  const items = value.map(String);
  return field.kind === 'choices' ? items : items.join('\n');
}

/** Turns the values of the controls into the input. The API checks it once more, against the schema itself. */
export function toSchemaInput(fields: readonly SchemaField[], values: FieldValues): SchemaInput {
  const input: JsonObject = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const result = readField(field, values[field.name] ?? '');
    if (typeof result === 'object' && 'error' in result) errors[field.name] = result.error;
    else if (result.value !== undefined) input[field.name] = result.value;
  }
  return Object.keys(errors).length > 0 ? { errors } : { input };
}

type FieldResult = { value: JsonValue | undefined } | { error: string };

function readField(field: SchemaField, value: string | boolean | string[]): FieldResult {
  if (field.kind === 'boolean') return { value: value === true };
  if (field.kind === 'choices') return readChoices(field, Array.isArray(value) ? value : []);
  const text = typeof value === 'string' ? value.trim() : '';
  if (field.kind === 'list') return readList(field, text);
  if (text === '') return field.isRequired ? { error: 'Fill this in.' } : { value: undefined };
  if (field.kind === 'number') return readNumber(field, text);
  if (field.kind === 'json') return readJson(text);
  return field.kind === 'text' ? readText(field, text) : { value: text };
}

function readText(field: SchemaField & { kind: 'text' }, text: string): FieldResult {
  if (field.isUrl && !isWebAddress(text))
    return { error: 'Enter a whole address, such as https://example.com.' };
  if (field.minLength !== null && text.length < field.minLength) {
    return { error: `Enter at least ${field.minLength} characters.` };
  }
  if (field.maxLength !== null && text.length > field.maxLength) {
    return { error: `Enter at most ${field.maxLength} characters.` };
  }
  return { value: text };
}

function readNumber(field: SchemaField & { kind: 'number' }, text: string): FieldResult {
  const number = Number(text);
  if (!Number.isFinite(number)) return { error: 'Enter a number.' };
  if (field.isInteger && !Number.isInteger(number)) return { error: 'Enter a whole number.' };
  if (field.minimum !== null && number < field.minimum) return { error: `Enter ${field.minimum} or more.` };
  if (field.maximum !== null && number > field.maximum) return { error: `Enter ${field.maximum} or less.` };
  return { value: number };
}

function readChoices(field: SchemaField & { kind: 'choices' }, chosen: string[]): FieldResult {
  const least = Math.max(field.minItems, field.isRequired ? 1 : 0);
  return chosen.length < least ? { error: `Choose at least ${least}.` } : { value: chosen };
}

function readList(field: SchemaField & { kind: 'list' }, text: string): FieldResult {
  const items = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (items.length === 0 && !field.isRequired) return { value: undefined };
  const least = Math.max(field.minItems, field.isRequired ? 1 : 0);
  if (items.length < least) return { error: `Enter at least ${least}, one a line.` };
  if (field.maxItems !== null && items.length > field.maxItems) {
    return { error: `Enter at most ${field.maxItems}; these are ${items.length}.` };
  }
  const wrong = field.areUrls ? items.find((item) => !isWebAddress(item)) : undefined;
  return wrong === undefined
    ? { value: items }
    : { error: `“${wrong}” is not an address. One whole address a line.` };
}

function readJson(text: string): FieldResult {
  try {
    const value: JsonValue = JSON.parse(text);
    return { value };
  } catch {
    return { error: 'This is not valid JSON.' };
  }
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '');
}
