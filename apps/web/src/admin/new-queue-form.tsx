import { useState } from 'react';
import { toast } from 'sonner';

import { Button } from '../ui/button.tsx';
import { Field, TextInput } from '../ui/field.tsx';
import { readLimit } from './read-limit.ts';
import { useQueueChange } from './use-queues.ts';

// The button that had it is gone.
const takeFocus = (input: HTMLInputElement | null) => input?.focus();

/** Makes a queue. */
export function NewQueueForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [limit, setLimit] = useState('1');
  const create = useQueueChange((queues, input: { name: string; concurrencyLimit: number | null }) =>
    queues.create(input),
  );
  return (
    <form
      aria-label="New queue"
      className="grid gap-4 border-b border-line bg-sunken px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(
          { name, concurrencyLimit: readLimit(limit) },
          {
            onSuccess: () => {
              toast.success(`Queue “${name}” created.`, {
                description: 'Bind services to it below; their new jobs go there.',
              });
              onDone();
            },
          },
        );
      }}
    >
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <Field label="Name" isRequired hint="Lower-case letters, digits and hyphens.">
          {(control) => (
            <TextInput
              {...control}
              ref={takeFocus}
              required
              maxLength={63}
              pattern="[a-z0-9][a-z0-9\-]*"
              title="Lower-case letters, digits and hyphens; no hyphen at the beginning"
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Jobs at a time" isRequired hint="Empty: no limit.">
          {(control) => (
            <TextInput
              {...control}
              type="number"
              min={0}
              max={10_000}
              step={1}
              placeholder="∞"
              className="tabular"
              value={limit}
              onChange={(event) => setLimit(event.target.value)}
            />
          )}
        </Field>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" size="small" type="submit" disabled={create.isPending}>
          Create queue
        </Button>
        <Button look="quiet" size="small" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
