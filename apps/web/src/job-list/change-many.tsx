import type { GantryClient } from '@gantry/client';
import { useGantryClient, useServices } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, RotateCw } from 'lucide-react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { count } from '../format/count.ts';
import { Button } from '../ui/button.tsx';
import { ChangeManyButton } from './change-many-button.tsx';
import { type JobFilter, toJobCondition } from './job-filter.ts';

/** Whose jobs are shown. */
type Whose = 'mine' | 'everybody';

/** Cancels, and in the console retries, all jobs that the filter shows. */
export function ChangeMany({ whose, filter }: { whose: Whose; filter: JobFilter }) {
  const { status } = filter;
  const canCancel = status === undefined || status === 'pending' || status === 'processing';
  const canRetry = whose === 'everybody' && (status === undefined || status === 'failed');
  return (
    <>
      {canRetry && <RetryMany filter={filter} />}
      {canCancel && <CancelMany whose={whose} filter={filter} />}
    </>
  );
}

function CancelMany({ whose, filter }: { whose: Whose; filter: JobFilter }) {
  const client = useGantryClient();
  const condition = toJobCondition(filter);
  const filterText = useFilterText(filter);
  const api: Pick<GantryClient['jobs'], 'countCancellable' | 'cancelMany'> =
    whose === 'mine' ? client.jobs : client.admin;
  const cancel = useChange(async (selection) => {
    const { cancelled } = await api.cancelMany({ ...condition, selection });
    return `${count(cancelled, 'job')} cancelled.`;
  });
  return (
    <ChangeManyButton
      trigger={
        <Button look="destructive" disabled={cancel.isPending}>
          <Ban aria-hidden /> {cancel.isPending ? 'Cancelling…' : 'Cancel all'}
        </Button>
      }
      queryKey={['gantry', 'count-cancellable', whose, condition]}
      countJobs={() => api.countCancellable(condition)}
      title={filterText === '' ? 'Cancel all unfinished jobs?' : 'Cancel the unfinished jobs of this filter?'}
      filterText={filterText}
      describe={(n) =>
        `${count(n, 'pending or running job')} ${whose === 'mine' ? 'of yours' : 'of all users'}, on all pages of this list. Finished rows are kept. Jobs submitted from now on are not cancelled. This cannot be undone.`
      }
      confirmLabel={(n) => (n === 0 ? 'Cancel jobs' : `Cancel ${count(n, 'job')}`)}
      dismissLabel="Let them run"
      confirmLook="danger"
      onConfirm={cancel.mutate}
    />
  );
}

function RetryMany({ filter }: { filter: JobFilter }) {
  const { admin } = useGantryClient();
  const condition = toJobCondition(filter);
  const filterText = useFilterText(filter);
  const retry = useChange(async (selection) => {
    const { retried } = await admin.retryMany({ ...condition, selection });
    return `${count(retried, 'job')} back in the queue.`;
  });
  return (
    <ChangeManyButton
      trigger={
        <Button disabled={retry.isPending}>
          <RotateCw aria-hidden /> {retry.isPending ? 'Retrying…' : 'Retry all failed'}
        </Button>
      }
      queryKey={['gantry', 'count-failed', condition]}
      countJobs={() => admin.countFailed(condition)}
      title={filterText === '' ? 'Retry all failed jobs?' : 'Retry the failed jobs of this filter?'}
      filterText={filterText}
      describe={(n) =>
        `${count(n, 'failed job')} of all users, on all pages of this list. Each continues after its finished rows.`
      }
      confirmLabel={(n) => (n === 0 ? 'Retry jobs' : `Retry ${count(n, 'job')}`)}
      dismissLabel="Leave them"
      confirmLook="primary"
      onConfirm={retry.mutate}
    />
  );
}

/** Runs a change of many jobs, says what came of it, and reads the lists again. */
function useChange(change: (selection: string) => Promise<string>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (said) => toast.success(said),
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['gantry'] }),
  });
}

/** The filter in words: `status pending, service Page capture`. */
function useFilterText({ status, service, tag, q }: JobFilter): string {
  const services = useServices();
  const serviceName = services.data?.find(({ id }) => id === service)?.name ?? service;
  return [
    status !== undefined && `status ${status}`,
    serviceName !== undefined && `service ${serviceName}`,
    tag !== undefined && `tag “${tag}”`,
    q !== undefined && `search “${q}”`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}
