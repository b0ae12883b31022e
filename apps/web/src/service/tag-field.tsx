import { Field, TextInput } from '../ui/field.tsx';

const MOST_TAGS = 10;
const LONGEST_TAG = 40;

/** The tags in a text with commas. */
export function readTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().slice(0, LONGEST_TAG));
  return [...new Set(tags.filter((tag) => tag !== ''))].slice(0, MOST_TAGS);
}

/** Words to find the job by. */
export function TagField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label="Tags" hint={`To find the job by. Up to ${MOST_TAGS}, with commas between them.`}>
      {(control) => (
        <TextInput
          {...control}
          value={value}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
