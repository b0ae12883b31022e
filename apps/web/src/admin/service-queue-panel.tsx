import type { Queue } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { count } from '../format/count.ts';
import { Select } from '../ui/field.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { type Move, MoveWaitingDialog } from './move-waiting-dialog.tsx';
import { useQueueChange, useQueues } from './use-queues.ts';

/** Which queue the jobs of each service go to. */
export function ServiceQueuePanel() {
  const { data: queues } = useQueues();
  const services = (queues ?? [])
    .flatMap((queue) => queue.services.map((service) => ({ ...service, queue: queue.name })))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  if (!queues || services.length === 0) return null;
  return (
    <Panel aria-labelledby="service-queues-title">
      <PanelHeader id="service-queues-title" title="Services and their queues" />
      <ul>
        {services.map((service) => (
          <ServiceLine key={service.id} service={service} queues={queues} />
        ))}
      </ul>
    </Panel>
  );
}

const AS_PUBLISHED = '';

function ServiceLine({
  service,
  queues,
}: {
  service: Queue['services'][number] & { queue: string };
  queues: Queue[];
}) {
  const id = useId();
  const client = useGantryClient();
  const [move, setMove] = useState<Move | null>(null);
  const bind = useQueueChange(
    (changes, { queue, moveWaiting }: { queue: string | null; moveWaiting: boolean }) =>
      changes.bind(service.id, queue, { moveWaiting }),
  );
  const change = (queue: string | null, moveWaiting: boolean) =>
    bind.mutate(
      { queue, moveWaiting },
      {
        onSuccess: ({ moved }) =>
          toast.success(`New jobs of “${service.name}” go to ${labelOf(queue)}.`, {
            ...(moved > 0 && { description: `${count(moved, 'waiting job')} moved there.` }),
          }),
      },
    );
  const ask = useMutation({
    mutationFn: (queue: string | null) => client.admin.queues.countWaiting(service.id, queue),
    onSuccess: ({ count: waiting }, queue) => {
      if (waiting === 0) change(queue, false);
      else setMove({ queue, queueLabel: labelOf(queue), waiting });
    },
    onError: toastError,
  });
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-0">
      <label htmlFor={id} className="min-w-0 flex-1 basis-48 truncate font-medium">
        {service.name}
      </label>
      <Select
        id={id}
        className="h-8 w-64 max-w-full text-[0.8125rem]"
        disabled={bind.isPending || ask.isPending}
        value={service.isChosen ? service.queue : AS_PUBLISHED}
        onChange={(event) => ask.mutate(event.target.value === AS_PUBLISHED ? null : event.target.value)}
      >
        <option value={AS_PUBLISHED}>Set by its code{service.isChosen ? '' : `: ${service.queue}`}</option>
        {queues.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
      <MoveWaitingDialog
        serviceName={service.name}
        move={move}
        onChoose={(moveWaiting) => move && change(move.queue, moveWaiting)}
        onClose={() => setMove(null)}
      />
    </li>
  );
}

function labelOf(queue: string | null): string {
  return queue === null ? 'the queue that its code names' : `“${queue}”`;
}
