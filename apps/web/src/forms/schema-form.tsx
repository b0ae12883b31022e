import { Field, Select, TextArea, TextInput } from '../ui/field.tsx';
import type { SchemaField } from './schema-fields.ts';
import type { FieldValues } from './schema-input.ts';

/** The controls of a service's input. */
export function SchemaForm({
  fields,
  values,
  errors,
  onChange,
  onLeave,
}: {
  fields: readonly SchemaField[];
  values: FieldValues;
  errors: Record<string, string>;
  onChange: (values: FieldValues) => void;
  /** Called when the focus leaves a field: before, it may only be half written. */
  onLeave: (name: string) => void;
}) {
  return (
    <div className="grid gap-5">
      {fields.map((field) => (
        <div key={field.name} onBlur={() => onLeave(field.name)}>
          <SchemaControl
            field={field}
            value={values[field.name] ?? ''}
            error={errors[field.name]}
            onChange={(value) => onChange({ ...values, [field.name]: value })}
          />
        </div>
      ))}
    </div>
  );
}

type ControlProps = {
  field: SchemaField;
  value: string | boolean | string[];
  error: string | undefined;
  onChange: (value: string | boolean | string[]) => void;
};

function SchemaControl({ field, value, error, onChange }: ControlProps) {
  if (field.kind === 'boolean') {
    return (
      <label className="flex min-h-6 items-start gap-2.5">
        <input
          type="checkbox"
          className="mt-0.5 size-4 accent-accent"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>
          <span className="font-medium">{field.label}</span>
          {field.hint !== null && <span className="block text-[0.8125rem] text-ink-faint">{field.hint}</span>}
        </span>
      </label>
    );
  }
  if (field.kind === 'choices') {
    return (
      <ChoicesControl
        field={field}
        value={Array.isArray(value) ? value : []}
        error={error}
        onChange={onChange}
      />
    );
  }
  const text = typeof value === 'string' ? value : '';
  return (
    <Field label={field.label} hint={hintOf(field)} error={error} isRequired={field.isRequired}>
      {(control) => (
        <TextControl
          field={field}
          control={{ ...control, name: field.name, value: text, required: field.isRequired }}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

/** The control of a field whose value is written as text. */
function TextControl({
  field,
  control,
  onChange,
}: {
  field: SchemaField;
  control: { id: string; name: string; value: string; required: boolean };
  onChange: (value: string) => void;
}) {
  const shared = {
    ...control,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  if (field.kind === 'list' || field.kind === 'json') {
    return <TextArea {...shared} spellCheck={false} className="font-mono text-[0.8125rem]" />;
  }
  if (field.kind === 'choice') {
    return (
      <Select {...shared} className="max-w-xs">
        {!field.isRequired && field.initial === '' && <option value="">No choice</option>}
        {field.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </Select>
    );
  }
  if (field.kind === 'number') return <TextInput {...shared} inputMode="decimal" className="max-w-40" />;
  return <TextInput {...shared} inputMode={field.kind === 'text' && field.isUrl ? 'url' : 'text'} />;
}

function ChoicesControl({
  field,
  value,
  error,
  onChange,
}: Omit<ControlProps, 'field' | 'value'> & { field: SchemaField & { kind: 'choices' }; value: string[] }) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium">{field.label}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {field.choices.map((choice) => (
          <label key={choice.value} className="flex min-h-6 items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={value.includes(choice.value)}
              onChange={(event) =>
                onChange(
                  field.choices
                    .map((candidate) => candidate.value)
                    .filter((candidate) =>
                      candidate === choice.value ? event.target.checked : value.includes(candidate),
                    ),
                )
              }
            />
            {choice.label}
          </label>
        ))}
      </div>
      {field.hint !== null && <p className="text-[0.8125rem] text-ink-faint">{field.hint}</p>}
      {error !== undefined && <p className="text-[0.8125rem] text-bad">{error}</p>}
    </fieldset>
  );
}

function hintOf(field: SchemaField): string | undefined {
  const parts = [
    field.hint,
    field.kind === 'list' && field.maxItems !== null ? `At most ${field.maxItems}.` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? undefined : parts.join(' ');
}
