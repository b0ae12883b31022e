import type { FileSpec } from '@gantry/sheet';

import type { SchemaField } from '../forms/schema-fields.ts';
import { type FieldValues, toSchemaInput } from '../forms/schema-input.ts';
import type { SheetFile } from './use-sheet-file.ts';

/** Why a job, or what a schedule is to start, cannot be sent yet; null when it can. */
export function whatIsMissing(o: {
  /** What has become of the chosen file. */
  state: SheetFile['state'];
  spec: FileSpec | null;
  fields: readonly SchemaField[];
  values: FieldValues;
}): string | null {
  const { state, spec } = o;
  if (state === 'reading') return 'Reading your file…';
  if (state === 'refused') return 'Choose another file first.';
  if (state === 'none' && spec?.required) return 'Choose a file first.';
  const lists = o.fields.filter((field) => field.kind === 'list');
  const isListEmpty = lists.length > 0 && lists.every((field) => o.values[field.name] === '');
  // A service that takes either has nothing to do with neither.
  if (state === 'none' && spec && isListEmpty) return 'Choose a file or fill in the list first.';
  const input = toSchemaInput(o.fields, o.values);
  if (!('errors' in input)) return null;
  const wrong = o.fields.find(({ name }) => name in input.errors);
  return wrong ? `“${wrong.label}”: ${input.errors[wrong.name] ?? ''}` : null;
}
