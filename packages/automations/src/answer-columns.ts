import type { AnswerColumn } from '@gantry/contract';
import { z } from 'zod';

type Property = z.core.JSONSchema._JSONSchema;

const TYPES: Record<string, AnswerColumn['type']> = {
  date: 'date',
  'date-time': 'datetime',
  uri: 'url',
  artifact: 'file',
};

/** The name of a file that the automation keeps with `artifact`, as a property of its answer. */
export const artifactName = () => z.string().meta({ format: 'artifact' });

/** The columns of an answer: its properties in order, by their titles, else by their names. */
export function readAnswerColumns(answer: z.ZodObject): AnswerColumn[] {
  const { properties = {} } = z.toJSONSchema(answer, {
    io: 'output',
    unrepresentable: 'any',
    // JSON Schema has no format for a time without an offset.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodISODateTime) jsonSchema.format = 'date-time';
    },
  });
  return Object.entries(properties).map(([key, property]) => ({
    key,
    label: (typeof property === 'object' && property.title) || labelOf(key),
    type: typeOf(property),
  }));
}

function typeOf(property: Property): AnswerColumn['type'] {
  if (typeof property === 'boolean') return 'text';
  const value = property.anyOf?.find((choice) => typeof choice === 'object' && choice.type !== 'null');
  if (value !== undefined) return typeOf(value);
  const { type, format } = property;
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'boolean' ? type : (TYPES[format ?? ''] ?? 'text');
}

/** `timeIn` to `Time in`. */
function labelOf(key: string): string {
  const words = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
