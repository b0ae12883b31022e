import type { CleanupResult } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Eraser } from 'lucide-react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { count } from '../format/count.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

/** Runs the cleanup, which also runs every minute, and shows its counts. */
export function CleanupButton() {
  const client = useGantryClient();
  const queries = useQueryClient();
  const cleanup = useMutation({
    mutationFn: client.admin.cleanup,
    onSuccess: (result) => toast.success('Cleaned up.', { description: describe(result) }),
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
  return (
    <ConfirmDialog
      trigger={
        <Button disabled={cleanup.isPending}>
          <Eraser aria-hidden /> Clean up
        </Button>
      }
      title="Clean up now?"
      confirmLabel="Clean up"
      dismissLabel="Not now"
      onConfirm={() => cleanup.mutate()}
    >
      Deletes expired jobs and their files, deletes uploads that no job uses, and puts the jobs of lost
      workers back in the queue.
    </ConfirmDialog>
  );
}

function describe({ rescuedJobs, expiredJobs, deletedFiles, deletedUploads }: CleanupResult): string {
  const parts = [
    rescuedJobs > 0 && `${count(rescuedJobs, 'job')} rescued`,
    expiredJobs > 0 && `${count(expiredJobs, 'job')} expired`,
    deletedFiles > 0 && `${count(deletedFiles, 'file')} deleted`,
    deletedUploads > 0 && `${count(deletedUploads, 'upload')} deleted`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'There was nothing to do.' : `${parts.join(', ')}.`;
}
