import type { Job } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, RotateCw } from 'lucide-react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

/** Cancel and retry from the list of all jobs. */
export function AdminJobActions({ job }: { job: Job }) {
  const client = useGantryClient();
  const queries = useQueryClient();
  const options = {
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  };
  const cancel = useMutation({
    ...options,
    mutationFn: () => client.admin.cancel(job.id),
    onSuccess: () => toast.success('The job is cancelled.'),
  });
  const retry = useMutation({
    ...options,
    mutationFn: () => client.admin.retry(job.id),
    onSuccess: () => toast.success('The job is back in the queue.'),
  });
  const name = job.fileName ?? job.serviceName;
  if (job.status === 'failed') {
    return (
      <Button
        size="small"
        aria-label={`Retry ${name}`}
        disabled={retry.isPending}
        onClick={() => retry.mutate()}
      >
        <RotateCw aria-hidden /> Retry
      </Button>
    );
  }
  if (job.status !== 'pending' && job.status !== 'processing') return null;
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" aria-label={`Cancel ${name}`} disabled={cancel.isPending}>
          <Ban aria-hidden /> Cancel
        </Button>
      }
      title="Cancel another user’s job?"
      confirmLabel="Cancel the job"
      dismissLabel="Let it run"
      onConfirm={() => cancel.mutate()}
    >
      {name} stops at once, and its owner sees that an administrator cancelled it.
    </ConfirmDialog>
  );
}
