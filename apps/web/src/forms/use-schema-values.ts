import { useMemo, useState } from 'react';

import type { SchemaField } from './schema-fields.ts';
import { type FieldValues, type SchemaInput, toSchemaInput } from './schema-input.ts';

/** The values of a form, what they come to, and what is wrong with the fields that were left once. */
export function useSchemaValues(fields: readonly SchemaField[], initial: () => FieldValues) {
  const [values, setValues] = useState(initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const result: SchemaInput = useMemo(() => toSchemaInput(fields, values), [fields, values]);
  const errors =
    'errors' in result
      ? Object.fromEntries(Object.entries(result.errors).filter(([name]) => left.has(name)))
      : {};
  return {
    values,
    result,
    form: {
      fields,
      values,
      errors,
      onChange: setValues,
      onLeave: (name: string) => setLeft((before) => (before.has(name) ? before : new Set(before).add(name))),
    },
  };
}
