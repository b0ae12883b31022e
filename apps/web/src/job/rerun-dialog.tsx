import { Dialog } from '@base-ui/react/dialog';
import type { Job, JobInput, Service } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileSpreadsheet, Play, Repeat } from 'lucide-react';
import { useState } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { readSchemaFields } from '../forms/schema-fields.ts';
import { SchemaForm } from '../forms/schema-form.tsx';
import { valuesOf } from '../forms/schema-input.ts';
import { useSchemaValues } from '../forms/use-schema-values.ts';
import { whatIsMissing } from '../list-file/what-is-missing.ts';
import { useIdempotencyKey } from '../service/use-idempotency-key.ts';
import { Button, buttonStyle } from '../ui/button.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';

/** Submits a finished job once more, with the same file and with input that can be changed first. */
export function RerunDialog({ job }: { job: Job }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Trigger render={<Button />}>
        <Repeat aria-hidden /> Run again
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 bg-black/45 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 flex max-h-[calc(100dvh-2rem)] w-[min(34rem,calc(100vw-2rem))] -translate-1/2 flex-col rounded-xl border border-line bg-raised shadow-float transition-[opacity,scale] data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0">
          <div className="border-b border-line px-5 py-4">
            <Dialog.Title className="text-base font-semibold">Run this job again?</Dialog.Title>
            <Dialog.Description className="mt-1 text-ink-soft">
              A new job of “{job.serviceName}”; this one stays as it is.
            </Dialog.Description>
          </div>
          {isOpen && <RerunInput job={job} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Reads what the job was submitted with. */
function RerunInput({ job }: { job: Job }) {
  const client = useGantryClient();
  const submitted = useQuery({
    queryKey: ['gantry', 'job-input', job.id],
    queryFn: () => client.jobs.input(job.id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const service = useQuery({
    queryKey: ['gantry', 'services', job.serviceId],
    queryFn: () => client.services.get(job.serviceId),
  });
  const error = submitted.error ?? service.error;
  if (error) {
    return (
      <div className="p-5">
        <ErrorPanel error={error} />
      </div>
    );
  }
  if (!submitted.data || !service.data) {
    return <SkeletonList label="Reading what it was submitted with…" rows={2} className="m-5 h-12" />;
  }
  return <RerunForm job={job} submitted={submitted.data} service={service.data} />;
}

function RerunForm({ job, submitted, service }: { job: Job; submitted: JobInput; service: Service }) {
  const client = useGantryClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [fields] = useState(() => readSchemaFields(service.inputSchema));
  const { values, result, form } = useSchemaValues(fields, () => valuesOf(fields, submitted.input));
  const problem = whatIsMissing({ state: 'none', spec: null, fields, values });
  const keyFor = useIdempotencyKey();
  const rerun = useMutation({
    mutationFn: (input: JobInput['input']) =>
      client.jobs.rerun(job.id, { input, idempotencyKey: keyFor([values]) }),
    onSuccess: async ({ jobId }) => {
      await queries.invalidateQueries({ queryKey: ['gantry', 'jobs'] });
      await navigate({ to: '/jobs/$jobId', params: { jobId } });
    },
  });
  return (
    <form
      noValidate
      className="grid min-h-0"
      onSubmit={(event) => {
        event.preventDefault();
        if ('input' in result) rerun.mutate(result.input);
      }}
    >
      <div className="grid content-start gap-5 overflow-y-auto p-5">
        {job.fileName !== null && (
          <p className="flex items-center gap-2">
            <FileSpreadsheet aria-hidden className="size-4 shrink-0 text-ink-faint" />
            <span className="min-w-0 truncate">
              The same file: <span className="font-medium">{job.fileName}</span>
            </span>
          </p>
        )}
        {fields.length > 0 && <SchemaForm {...form} />}
        {fields.length === 0 && job.fileName === null && <p>It needs no input.</p>}
      </div>
      {rerun.error && (
        <div className="border-t border-line p-4">
          <ErrorPanel error={rerun.error} />
        </div>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-4">
        {problem !== null && (
          <p id="rerun-hint" className="mr-auto basis-full text-ink-soft">
            {problem}
          </p>
        )}
        <Dialog.Close className={buttonStyle()}>Not now</Dialog.Close>
        <Button
          type="submit"
          look="primary"
          disabled={rerun.isPending || problem !== null}
          {...(problem !== null && { 'aria-describedby': 'rerun-hint' })}
        >
          <Play aria-hidden /> Start the job
        </Button>
      </div>
    </form>
  );
}
