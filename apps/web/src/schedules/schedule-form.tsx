import type { Service } from '@gantry/client';
import { CalendarPlus } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { toast } from 'sonner';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { readSchemaFields } from '../forms/schema-fields.ts';
import { SchemaForm } from '../forms/schema-form.tsx';
import { initialValues } from '../forms/schema-input.ts';
import { useSchemaValues } from '../forms/use-schema-values.ts';
import { readFileSpec } from '../list-file/file-spec.ts';
import { FileStep } from '../list-file/file-step.tsx';
import { UploadBar } from '../list-file/upload-bar.tsx';
import { useSheetFile } from '../list-file/use-sheet-file.ts';
import { whatIsMissing } from '../list-file/what-is-missing.ts';
import { StorageNotice } from '../storage/storage-notice.tsx';
import { Button } from '../ui/button.tsx';
import { Field, TextInput } from '../ui/field.tsx';
import { FIRST_RULE, RuleFields } from './rule-fields.tsx';
import { useMakeSchedule } from './use-make-schedule.ts';
import { useNextTimes } from './use-next-times.ts';
import { wrongPart } from './wrong-part.ts';

/** What a service is to be started with again and again, and when. */
export function ScheduleForm({ service, onClose }: { service: Service; onClose: () => void }) {
  const spec = useMemo(() => readFileSpec(service.acceptedFiles), [service.acceptedFiles]);
  const file = useSheetFile(spec);
  const fields = useMemo(() => readSchemaFields(service.inputSchema), [service.inputSchema]);
  const { values, result, form } = useSchemaValues(fields, () => initialValues(fields));
  const [name, setName] = useState(service.name);
  const [rule, setRule] = useState(FIRST_RULE);
  const schedule = useMakeSchedule(() => {
    toast.success('Schedule created.');
    onClose();
  });
  const times = useNextTimes(useDeferredValue(rule.cron.trim()), rule.timeZone);
  const missing =
    whatIsMissing({ state: file.current.state, spec, fields, values }) ??
    (rule.cron.trim() === '' || (times.error && wrongPart(times.error)) ? 'Choose valid times first.' : null);

  const submit = () => {
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
      <StorageNotice />
      {spec && <FileStep spec={spec} file={file} isDisabled={schedule.isPending} />}
      {fields.length > 0 && <SchemaForm {...form} />}
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
            disabled={schedule.isPending || missing !== null}
            {...(missing !== null && { 'aria-describedby': 'schedule-hint' })}
          >
            <CalendarPlus aria-hidden /> Create schedule
          </Button>
        </div>
      ) : (
        <UploadBar fraction={schedule.progress} onCancel={schedule.cancel} />
      )}
    </form>
  );
}
