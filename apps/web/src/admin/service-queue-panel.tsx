import type { Queue } from '@gantry/client';
import { useId } from 'react';
import { toast } from 'sonner';

import { Select } from '../ui/field.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
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
  const bind = useQueueChange((changes, queue: string | null) => changes.bind(service.id, queue));
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-0">
      <label htmlFor={id} className="min-w-0 flex-1 basis-48 truncate font-medium">
        {service.name}
      </label>
      <Select
        id={id}
        className="h-8 w-64 max-w-full text-[0.8125rem]"
        disabled={bind.isPending}
        value={service.isChosen ? service.queue : AS_PUBLISHED}
        onChange={(event) => {
          const queue = event.target.value === AS_PUBLISHED ? null : event.target.value;
          bind.mutate(queue, {
            onSuccess: () =>
              toast.success(
                queue === null
                  ? `New jobs of “${service.name}” go where its code says.`
                  : `New jobs of “${service.name}” go to “${queue}”.`,
                { description: 'Those that wait stay where they are.' },
              ),
          });
        }}
      >
        <option value={AS_PUBLISHED}>As its code says{service.isChosen ? '' : `: ${service.queue}`}</option>
        {queues.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
    </li>
  );
}
