import type { Service } from '@gantry/client';
import { useState } from 'react';

import { Field, Select } from '../ui/field.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { ScheduleForm } from './schedule-form.tsx';

/** Picks what is to run, and when. */
export function NewSchedule({ services, onClose }: { services: readonly Service[]; onClose: () => void }) {
  const [serviceId, setServiceId] = useState(services[0]?.id ?? '');
  const service = services.find(({ id }) => id === serviceId);
  return (
    <Panel aria-labelledby="new-schedule-title" className="mb-4">
      <PanelHeader id="new-schedule-title" title="New schedule" />
      <div className="grid grid-cols-1 gap-5 p-4">
        <Field label="Service" isRequired>
          {(control) => (
            <Select {...control} value={serviceId} onChange={({ target }) => setServiceId(target.value)}>
              {services.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {service && <ScheduleForm key={service.id} service={service} onClose={onClose} />}
      </div>
    </Panel>
  );
}
