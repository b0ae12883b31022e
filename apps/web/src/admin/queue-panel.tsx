import type { QueueInfo } from '@gantry/client';
import { useGantryClient, useQueueInfo } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Play } from 'lucide-react';
import { useId, useState } from 'react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { Button } from '../ui/button.tsx';
import { TextInput } from '../ui/field.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';

type Queue = QueueInfo['queues'][number];

/** The queues, with the two things that govern them: pause and limit. */
export function QueuePanel() {
  const info = useQueueInfo();
  return (
    <Panel aria-labelledby="queues-title">
      <PanelHeader id="queues-title" title="Queues" />
      {info.data ? (
        <ul>
          {info.data.queues.map((queue) => (
            // A limit that was changed elsewhere replaces what stands in the field.
            <QueueLine key={`${queue.name} ${queue.concurrencyLimit}`} queue={queue} />
          ))}
        </ul>
      ) : (
        <div className="p-4">
          <SkeletonList label="Loading the queues…" rows={2} />
        </div>
      )}
    </Panel>
  );
}

function QueueLine({ queue }: { queue: Queue }) {
  const client = useGantryClient();
  const limitId = useId();
  const queries = useQueryClient();
  const [limit, setLimit] = useState(queue.concurrencyLimit?.toString() ?? '');
  const change = useMutation({
    mutationFn: client.admin.queues.update,
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
  const isChanged = limit !== (queue.concurrencyLimit?.toString() ?? '');

  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-0">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 font-medium">
          <span className="truncate">{queue.name}</span>
          {queue.isPaused && (
            <span className="inline-flex h-5 items-center gap-1 rounded-full bg-warn-wash px-2 text-xs text-warn">
              <Pause aria-hidden className="size-3" /> Paused
            </span>
          )}
        </p>
        <p className="tabular text-[0.8125rem] text-ink-faint">
          {queue.pending} pending, {queue.processing} running
        </p>
      </div>
      <form
        className="flex items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const concurrencyLimit = limit.trim() === '' ? null : Number(limit);
          change.mutate(
            { name: queue.name, concurrencyLimit },
            {
              onSuccess: () =>
                toast.success(
                  concurrencyLimit === null
                    ? `“${queue.name}” has no limit now.`
                    : `“${queue.name}” runs at most ${concurrencyLimit} at once.`,
                ),
            },
          );
        }}
      >
        <label htmlFor={limitId} className="text-[0.8125rem] text-ink-soft">
          At once
        </label>
        <TextInput
          type="number"
          min={0}
          max={10_000}
          step={1}
          placeholder="∞"
          id={limitId}
          aria-label={`At once: jobs of ${queue.name}; empty for no limit`}
          value={limit}
          onChange={(event) => setLimit(event.target.value)}
          className="tabular h-8 w-20"
        />
        {isChanged && (
          <Button type="submit" size="small" disabled={change.isPending}>
            Save
          </Button>
        )}
      </form>
      <Button
        size="small"
        disabled={change.isPending}
        aria-label={queue.isPaused ? `Resume ${queue.name}` : `Pause ${queue.name}`}
        onClick={() =>
          change.mutate(
            { name: queue.name, isPaused: !queue.isPaused },
            {
              onSuccess: () =>
                toast.success(queue.isPaused ? `“${queue.name}” goes on.` : `“${queue.name}” is paused.`, {
                  ...(!queue.isPaused && { description: 'Running jobs finish; waiting ones stay.' }),
                }),
            },
          )
        }
      >
        {queue.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {queue.isPaused ? 'Resume' : 'Pause'}
      </Button>
    </li>
  );
}
