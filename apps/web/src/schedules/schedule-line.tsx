import type { Schedule } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pause, Play, Trash2 } from 'lucide-react';
import { toast } from 'sonner';

import { toastError } from '../errors/toast-error.tsx';
import { RelativeTime } from '../format/relative-time.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { SCHEDULES_KEY } from './use-schedules.ts';

/** A schedule: when it fires, what became of its last time, and what can be done with it. */
export function ScheduleLine({ schedule }: { schedule: Schedule }) {
  const client = useGantryClient();
  const queries = useQueryClient();
  const settled = {
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: SCHEDULES_KEY }),
  };
  const pause = useMutation({
    mutationFn: () =>
      schedule.isPaused ? client.schedules.resume(schedule.id) : client.schedules.pause(schedule.id),
    ...settled,
  });
  const remove = useMutation({
    mutationFn: () => client.schedules.delete(schedule.id),
    onSuccess: () => toast.success('Schedule deleted.', { description: 'Its jobs stay.' }),
    ...settled,
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-0">
      <div className="min-w-0 flex-1 max-sm:basis-full">
        <h2 className="truncate font-medium">{schedule.name}</h2>
        <p className="text-[0.8125rem] wrap-anywhere text-ink-faint">
          {schedule.name !== schedule.serviceName && `${schedule.serviceName} · `}
          <code>{schedule.cron}</code> · {schedule.timeZone}
          {schedule.fileName !== null && ` · ${schedule.fileName}`}
        </p>
        <LastOccurrence schedule={schedule} />
      </div>
      <p className="text-[0.8125rem] text-ink-soft sm:w-36 sm:text-right">
        {schedule.nextOccurrenceAt === null ? 'Paused' : <RelativeTime value={schedule.nextOccurrenceAt} />}
      </p>
      <div className="flex gap-1 max-sm:ml-auto">
        <Button
          size="icon"
          look="quiet"
          aria-label={schedule.isPaused ? `Resume ${schedule.name}` : `Pause ${schedule.name}`}
          disabled={pause.isPending}
          onClick={() => pause.mutate()}
        >
          {schedule.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
        </Button>
        <ConfirmDialog
          trigger={
            <Button
              size="icon"
              look="quiet"
              aria-label={`Delete ${schedule.name}`}
              disabled={remove.isPending}
            >
              <Trash2 aria-hidden />
            </Button>
          }
          title={`Delete “${schedule.name}”?`}
          confirmLabel="Delete the schedule"
          dismissLabel="Keep it"
          onConfirm={() => remove.mutate()}
        >
          It starts nothing more. The jobs that it has started stay.
        </ConfirmDialog>
      </div>
    </li>
  );
}

function LastOccurrence({ schedule: { lastOccurrence } }: { schedule: Schedule }) {
  if (!lastOccurrence) return null;
  return (
    <p className="text-[0.8125rem] text-ink-faint">
      {'Last time, '}
      <RelativeTime value={lastOccurrence.occursAt} />
      {': '}
      {lastOccurrence.outcome === 'submitted' &&
        lastOccurrence.jobId !== null &&
        lastOccurrence.jobStatus !== null && (
          <Link
            to="/jobs/$jobId"
            params={{ jobId: lastOccurrence.jobId }}
            className="text-accent underline underline-offset-3"
          >
            started a job
          </Link>
        )}
      {lastOccurrence.outcome === 'submitted' &&
        lastOccurrence.jobStatus === null &&
        'started a job that has expired'}
      {lastOccurrence.outcome === 'skipped' && 'skipped, since an earlier job had not finished'}
      {lastOccurrence.outcome === 'refused' &&
        `refused: ${lastOccurrence.reason?.message ?? 'no reason is known'}`}
    </p>
  );
}
