import type { Job } from '@gantry/client';
import { type JobFile, useGantryClient } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { count } from '../format/count.ts';
import { formatBytes } from '../format/format-bytes.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

/** Deletes a finished job with its files, and leaves its page. */
export function DeleteButton({ job, artifacts }: { job: Job; artifacts: readonly JobFile[] }) {
  const client = useGantryClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => client.jobs.delete(job.id),
    onSuccess: async () => {
      toast.success('Job deleted.');
      await navigate({ to: '/jobs' });
      await queries.invalidateQueries({ queryKey: ['gantry'] });
    },
    onError: toastError,
  });
  const size = artifacts.reduce((sum, file) => sum + file.size, 0);
  return (
    <ConfirmDialog
      trigger={
        <Button look="destructive" disabled={remove.isPending}>
          <Trash2 aria-hidden /> Delete job
        </Button>
      }
      title="Delete this job?"
      confirmLabel="Delete the job"
      dismissLabel="Keep it"
      onConfirm={() => remove.mutate()}
    >
      {artifacts.length === 0
        ? 'Its rows and its log are deleted. '
        : `Its rows, its log and ${count(artifacts.length, 'file')} (${formatBytes(size)}) are deleted. `}
      This cannot be undone.
    </ConfirmDialog>
  );
}
