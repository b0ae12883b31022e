import type { Service } from '@gantry/client';
import { useSubmitJob } from '@gantry/react';
import type { FileSpec } from '@gantry/sheet';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { readSchemaFields } from '../forms/schema-fields.ts';
import { SchemaForm } from '../forms/schema-form.tsx';
import { initialValues } from '../forms/schema-input.ts';
import { readTags, TagField } from '../forms/tag-field.tsx';
import { useSchemaValues } from '../forms/use-schema-values.ts';
import { FileStep } from '../list-file/file-step.tsx';
import { useSheetFile } from '../list-file/use-sheet-file.ts';
import { whatIsMissing } from '../list-file/what-is-missing.ts';
import { useExpiredSession } from '../session/use-expired-session.ts';
import { StorageNotice } from '../storage/storage-notice.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { SubmitBar } from './submit-bar.tsx';
import { useIdempotencyKey } from './use-idempotency-key.ts';

/** Everything a job needs, checked before it is sent, and the sending with its progress. */
export function SubmitForm({ service, spec }: { service: Service; spec: FileSpec | null }) {
  const navigate = useNavigate();
  const file = useSheetFile(spec);
  const fields = useMemo(() => readSchemaFields(service.inputSchema), [service.inputSchema]);
  const { values, result, form } = useSchemaValues(fields, () => initialValues(fields));
  const [tagText, setTagText] = useState('');
  const { tags, error: tagError } = readTags(tagText);
  const submission = useSubmitJob();
  useExpiredSession(submission.error);
  const keyFor = useIdempotencyKey();

  // What is on a list in the form is worked on beside the rows of the file.
  const hasList = fields.some(({ kind, name }) => kind === 'list' && values[name] !== '');
  const problem =
    whatIsMissing({ state: file.current.state, spec, fields, values }) ??
    (tagError === undefined ? null : `Tags: ${tagError}`);

  const submit = async () => {
    if ('errors' in result || problem !== null) return;
    const job = await submission.submit({
      serviceId: service.id,
      input: result.input,
      ...(file.current.state === 'ready' && { file: file.current.file }),
      ...(tags.length > 0 && { tags }),
      idempotencyKey: keyFor([file.current, values, tagText]),
    });
    if (job) await navigate({ to: '/jobs/$jobId', params: { jobId: job.jobId } });
  };

  return (
    <form
      noValidate
      className="grid grid-cols-1 gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <StorageNotice />
      {spec && <FileStep spec={spec} file={file} isDisabled={submission.isPending} />}
      {fields.length > 0 && (
        <Panel aria-labelledby="options-title">
          <PanelHeader id="options-title" title="Options" />
          <div className="p-4">
            <SchemaForm {...form} />
          </div>
        </Panel>
      )}
      <Panel className="p-4">
        <TagField value={tagText} onChange={setTagText} />
      </Panel>
      <SubmitBar
        problem={problem}
        error={submission.error}
        readyCount={file.current.state === 'ready' && !hasList ? file.current.sheet.counts.valid : null}
        upload={submission.isPending ? { fraction: submission.progress, onCancel: submission.cancel } : null}
      />
    </form>
  );
}
