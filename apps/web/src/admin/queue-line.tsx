import type { Queue, QueueSettings } from '@gantry/client';
import { Pause, Play, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { toast } from 'sonner';

import { formatDuration } from '../format/format-duration.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { TextInput } from '../ui/field.tsx';
import { readLimit } from './read-limit.ts';
import { useQueueChange } from './use-queues.ts';

/** One queue: its figures, its limit, pause and resume. */
export function QueueLine({ queue }: { queue: Queue }) {
  const change = useQueueChange((queues, settings: QueueSettings) => queues.update(settings));
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-0">
      <div className="min-w-0 flex-1 basis-36">
        <p className="flex items-center gap-2 font-medium">
          <span className="truncate">{queue.name}</span>
          {queue.isPaused && (
            <span className="inline-flex h-5 items-center gap-1 rounded-full bg-warn-wash px-2 text-xs text-warn">
              <Pause aria-hidden className="size-3" /> Paused
            </span>
          )}
        </p>
        <p className="tabular text-[0.8125rem] text-ink-faint">{figuresText(queue)}</p>
        {queue.workerSlots === 0 && <p className="text-[0.8125rem] text-warn">No worker serves it.</p>}
      </div>
      <LimitForm queue={queue} isBusy={change.isPending} onChange={change.mutate} />
      <Button
        size="small"
        disabled={change.isPending}
        aria-label={`${queue.isPaused ? 'Resume' : 'Pause'} queue ${queue.name}`}
        onClick={() =>
          change.mutate(
            { name: queue.name, isPaused: !queue.isPaused },
            {
              onSuccess: () =>
                toast.success(
                  queue.isPaused ? `Queue “${queue.name}” resumed.` : `Queue “${queue.name}” paused.`,
                  {
                    ...(!queue.isPaused && { description: 'Running jobs finish; waiting ones stay.' }),
                  },
                ),
            },
          )
        }
      >
        {queue.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {queue.isPaused ? 'Resume queue' : 'Pause queue'}
      </Button>
      {queue.services.length === 0 && queue.pending + queue.processing === 0 && (
        <DeleteButton queue={queue} />
      )}
    </li>
  );
}

function figuresText({ pending, processing, oldestWaitMs }: Queue): string {
  const oldest = oldestWaitMs === null ? '' : `, the oldest for ${formatDuration(oldestWaitMs)}`;
  return `${pending.toLocaleString('en')} pending${oldest}; ${processing.toLocaleString('en')} running`;
}

function LimitForm({
  queue,
  isBusy,
  onChange,
}: {
  queue: Queue;
  isBusy: boolean;
  onChange: (settings: QueueSettings, o: { onSuccess: () => void }) => void;
}) {
  const id = useId();
  const [limit, setLimit] = useState(queue.concurrencyLimit?.toString() ?? '');
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const concurrencyLimit = readLimit(limit);
        const said =
          concurrencyLimit === null ? 'has no limit now' : `runs at most ${concurrencyLimit} at once`;
        onChange(
          { name: queue.name, concurrencyLimit },
          { onSuccess: () => toast.success(`“${queue.name}” ${said}.`) },
        );
      }}
    >
      <label htmlFor={id} className="text-[0.8125rem] text-ink-soft">
        Jobs at a time
      </label>
      <TextInput
        type="number"
        min={0}
        max={10_000}
        step={1}
        placeholder="∞"
        id={id}
        aria-label={`Jobs at a time in ${queue.name}; empty for no limit`}
        value={limit}
        onChange={(event) => setLimit(event.target.value)}
        className="tabular h-8 w-20"
      />
      {limit !== (queue.concurrencyLimit?.toString() ?? '') && (
        <Button type="submit" size="small" disabled={isBusy}>
          Save
        </Button>
      )}
    </form>
  );
}

function DeleteButton({ queue }: { queue: Queue }) {
  const remove = useQueueChange((queues, name: string) => queues.delete(name));
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" look="quiet" aria-label={`Delete ${queue.name}`} disabled={remove.isPending}>
          <Trash2 aria-hidden />
        </Button>
      }
      title={`Delete the queue “${queue.name}”?`}
      confirmLabel="Delete the queue"
      dismissLabel="Keep it"
      onConfirm={() =>
        remove.mutate(queue.name, { onSuccess: () => toast.success(`Queue “${queue.name}” deleted.`) })
      }
    >
      No service is bound to it and no job is in it. It comes back, without a limit of yours, when a worker
      publishes a service that names it.
    </ConfirmDialog>
  );
}
