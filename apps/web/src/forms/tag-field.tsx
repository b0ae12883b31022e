import { Field, TextInput } from '../ui/field.tsx';

const MAX_TAGS = 10;
const MAX_TAG_LENGTH = 40;

/** The tags in a text with commas, and what is wrong with them: they are not cut to fit without a word. */
export function readTags(text: string): { tags: string[]; error?: string } {
  const tags = [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
  const tooLong = tags.find((tag) => tag.length > MAX_TAG_LENGTH);
  if (tooLong !== undefined) {
    return {
      tags,
      error: `“${tooLong.slice(0, MAX_TAG_LENGTH)}…” is too long: a tag has ${MAX_TAG_LENGTH} characters at most.`,
    };
  }
  if (tags.length > MAX_TAGS) {
    return {
      tags,
      error: `These are ${tags.length} tags. Leave out ${tags.length - MAX_TAGS}: a job has ${MAX_TAGS} at most.`,
    };
  }
  return { tags };
}

/** Words to find the job by. */
export function TagField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { error } = readTags(value);
  return (
    <Field
      label="Tags"
      error={error}
      hint={`To find the job by. Up to ${MAX_TAGS}, with commas between them.`}
    >
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
