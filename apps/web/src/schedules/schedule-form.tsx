import type { Service } from '@gantry/client';
import { CalendarPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { readFileSpec } from '../service/file-spec.ts';
import { FileStep } from '../service/file-step.tsx';
import { readSchemaFields } from '../service/schema-fields.ts';
import { SchemaForm } from '../service/schema-form.tsx';
import { initialValues, toSchemaInput } from '../service/schema-input.ts';
import { UploadBar } from '../service/upload-bar.tsx';
import { useSheetFile } from '../service/use-sheet-file.ts';
import { whatIsMissing } from '../service/what-is-missing.ts';
import { Button } from '../ui/button.tsx';
import { Field, TextInput } from '../ui/field.tsx';
import { FIRST_RULE, RuleFields } from './rule-fields.tsx';
import { useMakeSchedule } from './use-make-schedule.ts';

/** What a service is to be started with again and again, and when. */
export function ScheduleForm({ service, onClose }: { service: Service; onClose: () => void }) {
  const spec = useMemo(() => readFileSpec(service.acceptedFiles), [service.acceptedFiles]);
  const file = useSheetFile(spec);
  const fields = useMemo(() => readSchemaFields(service.inputSchema), [service.inputSchema]);
  const [values, setValues] = useState(() => initialValues(fields));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [name, setName] = useState(service.name);
  const [rule, setRule] = useState(FIRST_RULE);
  const schedule = useMakeSchedule(() => {
    toast.success('Schedule made.');
    onClose();
  });
  const missing = whatIsMissing({ state: file.current.state, spec, fields, values });

  const submit = () => {
    const result = toSchemaInput(fields, values);
    setErrors('errors' in result ? result.errors : {});
    if ('errors' in result || missing !== null) return;
    schedule.make({
      ...rule,
      cron: rule.cron.trim(),
      serviceId: service.id,
      input: result.input,
      file: file.current.state === 'ready' ? file.current.file : null,
      ...(name.trim() !== '' && { name: name.trim() }),
    });
  };

  return (
    <form
      noValidate
      className="grid grid-cols-1 gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
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
      {spec && <FileStep spec={spec} file={file} isDisabled={schedule.isPending} />}
      {fields.length > 0 && (
        <SchemaForm fields={fields} values={values} errors={errors} onChange={setValues} />
      )}
      <RuleFields rule={rule} onChange={setRule} />
      {schedule.error && <ErrorPanel error={schedule.error} />}
      {schedule.progress === null ? (
        <div className="flex flex-wrap items-center justify-end gap-2">
          {missing !== null && (
            <p id="schedule-hint" className="mr-auto text-ink-soft max-sm:basis-full">
              {missing}
            </p>
          )}
          <Button onClick={onClose}>Not now</Button>
          <Button
            type="submit"
            look="primary"
            disabled={schedule.isPending || missing !== null || rule.cron.trim() === ''}
            {...(missing !== null && { 'aria-describedby': 'schedule-hint' })}
          >
            <CalendarPlus aria-hidden /> Make the schedule
          </Button>
        </div>
      ) : (
        <UploadBar fraction={schedule.progress} onCancel={schedule.cancel} />
      )}
    </form>
  );
}
