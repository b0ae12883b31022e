import type { NewSchedule as Draft, Service } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CalendarPlus } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { toast } from 'sonner';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { readSchemaFields } from '../service/schema-fields.ts';
import { SchemaForm } from '../service/schema-form.tsx';
import { initialValues, toSchemaInput } from '../service/schema-input.ts';
import { Button } from '../ui/button.tsx';
import { Field, Select, TextInput } from '../ui/field.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { NextTimes } from './next-times.tsx';
import { SCHEDULES_KEY } from './use-schedules.ts';

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set([OWN_ZONE, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

/** Picks what is to run, and when; `services` are those that need no file. */
export function NewSchedule({ services, onClose }: { services: readonly Service[]; onClose: () => void }) {
  const [serviceId, setServiceId] = useState(services[0]?.id ?? '');
  const service = services.find(({ id }) => id === serviceId);
  return (
    <Panel aria-labelledby="new-schedule-title" className="mb-4">
      <PanelHeader id="new-schedule-title" title="New schedule" />
      <div className="grid gap-5 p-4">
        <Field label="Service" hint="Those that need a file cannot be scheduled here." isRequired>
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

function ScheduleForm({ service, onClose }: { service: Service; onClose: () => void }) {
  const client = useGantryClient();
  const queries = useQueryClient();
  const fields = useMemo(() => readSchemaFields(service.inputSchema), [service.inputSchema]);
  const [values, setValues] = useState(() => initialValues(fields));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [name, setName] = useState(service.name);
  const [cron, setCron] = useState('0 8 * * MON-FRI');
  const [timeZone, setTimeZone] = useState(OWN_ZONE);
  const [overlap, setOverlap] = useState<'skip' | 'queue'>('skip');
  const shownCron = useDeferredValue(cron.trim());
  const create = useMutation({
    mutationFn: (draft: Draft) => client.schedules.create(draft),
    onSuccess: async () => {
      toast.success('Schedule made.');
      await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
      onClose();
    },
  });
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        const result = toSchemaInput(fields, values);
        setErrors('errors' in result ? result.errors : {});
        if ('errors' in result) return;
        create.mutate({
          serviceId: service.id,
          input: result.input,
          cron: cron.trim(),
          timeZone,
          overlap,
          ...(name.trim() !== '' && { name: name.trim() }),
        });
      }}
    >
      <Field label="Name">
        {(control) => (
          <TextInput
            {...control}
            value={name}
            maxLength={120}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <SchemaForm fields={fields} values={values} errors={errors} onChange={setValues} />
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <Field
          label="When"
          hint="Minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly."
          isRequired
        >
          {(control) => (
            <TextInput
              {...control}
              value={cron}
              maxLength={120}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
              onChange={({ target }) => setCron(target.value)}
            />
          )}
        </Field>
        <Field label="Time zone" isRequired>
          {(control) => (
            <Select {...control} value={timeZone} onChange={({ target }) => setTimeZone(target.value)}>
              {ZONES.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      {shownCron !== '' && <NextTimes cron={shownCron} timeZone={timeZone} />}
      <Field label="When an earlier job has not finished" isRequired>
        {(control) => (
          <Select
            {...control}
            value={overlap}
            onChange={({ target }) => setOverlap(target.value === 'queue' ? 'queue' : 'skip')}
          >
            <option value="skip">Skip this time</option>
            <option value="queue">Queue behind it</option>
          </Select>
        )}
      </Field>
      {create.error && <ErrorPanel error={create.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Not now</Button>
        <Button type="submit" look="primary" disabled={create.isPending || cron.trim() === ''}>
          <CalendarPlus aria-hidden /> Make the schedule
        </Button>
      </div>
    </form>
  );
}
