import type { Job } from '@gantry/client';
import { type JobFile, useCancelJob, useRetryJob } from '@gantry/react';
import { Ban, RotateCw } from 'lucide-react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { DeleteButton } from './delete-button.tsx';
import { RerunDialog } from './rerun-dialog.tsx';

/** What can be done to a job in its state: cancel what is not finished, retry what failed, run again or delete what is over. */
export function JobActions({ job, artifacts }: { job: Job; artifacts: readonly JobFile[] }) {
  const cancel = useCancelJob();
  const retry = useRetryJob();
  if (job.status === 'pending' || job.status === 'processing') {
    return (
      <ConfirmDialog
        trigger={
          <Button disabled={cancel.isPending}>
            <Ban aria-hidden /> Cancel job
          </Button>
        }
        title="Cancel this job?"
        confirmLabel="Cancel the job"
        dismissLabel="Let it run"
        onConfirm={() =>
          cancel.mutate(job.id, {
            onSuccess: () => toast.success('The job is cancelled.'),
            onError: toastError,
          })
        }
      >
        {job.status === 'processing'
          ? 'Its browser is closed at once. Rows that are finished stay.'
          : 'It has not started yet; nothing is lost but its place in the queue.'}
      </ConfirmDialog>
    );
  }
  return (
    <>
      {job.status === 'failed' && (
        <Button
          disabled={retry.isPending}
          onClick={() =>
            retry.mutate(job.id, {
              onSuccess: () => toast.success('The job is back in the queue.'),
              onError: toastError,
            })
          }
        >
          <RotateCw aria-hidden /> Try again
        </Button>
      )}
      <RerunDialog job={job} />
      <DeleteButton job={job} artifacts={artifacts} />
    </>
  );
}
