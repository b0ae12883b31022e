import type { Attempt } from '@gantry/client';
import { type StateChange, useGantryClient } from '@gantry/react';
import { useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';

import { ErrorPanel } from '../../errors/error-panel.tsx';
import { RelativeTime } from '../../format/relative-time.tsx';
import { reasonText } from '../../job-status/reason-text.ts';
import { JobStatusBadge } from '../../job-status/status-badge.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { AttemptFigures } from './attempt-figures.tsx';

/** The figures of an attempt are there a moment after its end. */
const REFRESH_MS = 5_000;

/** Every change of state, by attempt: what was tried, why it was tried again, and what each attempt took. */
export function AttemptList({ jobId, states }: { jobId: string; states: readonly StateChange[] }) {
  const client = useGantryClient();
  const figures = useQuery({
    queryKey: ['gantry', 'attempts', jobId],
    queryFn: () => client.jobs.attempts(jobId),
    refetchInterval: ({ state }) => {
      // The error stays visible until the user tries again.
      if (state.error && !state.data) return false;
      const hasAll = states.every(
        (change) => !endsAttempt(change) || endedBy(change, state.data ?? [])?.browser,
      );
      return hasAll ? false : REFRESH_MS;
    },
  });
  if (states.length === 0) {
    return (
      <EmptyState icon={History} title="No attempt yet">
        No worker has started the job.
      </EmptyState>
    );
  }
  return (
    <>
      {figures.error && !figures.data && (
        <div className="border-b border-line p-4">
          <ErrorPanel error={figures.error} onRetry={() => void figures.refetch()} />
        </div>
      )}
      <ol className="grid">
        {states.map((state) => (
          <StateLine key={state.seq} state={state} ended={endedBy(state, figures.data ?? [])} />
        ))}
      </ol>
    </>
  );
}

function StateLine({ state, ended }: { state: StateChange; ended: Attempt | undefined }) {
  return (
    <li className="grid grid-cols-[6.5rem_1fr] items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 last:border-0 sm:grid-cols-[6.5rem_8rem_1fr_auto]">
      <span className="text-ink-soft">{state.attempt === 0 ? 'Submission' : `Attempt ${state.attempt}`}</span>
      <span>
        <JobStatusBadge job={{ status: state.to, cause: state.cause }} isPast />
      </span>
      <span className="min-w-0 break-words text-ink-soft max-sm:col-span-2">
        {state.errorMessage ?? (state.cause.code === state.to ? null : reasonText(state.cause))}
        {state.errorCode !== undefined && <span className="ml-2 font-mono text-xs">{state.errorCode}</span>}
      </span>
      <span className="text-[0.8125rem] text-ink-faint max-sm:col-span-2">
        <RelativeTime value={state.createdAt} />
      </span>
      {ended && (
        <div className="col-span-full my-1">
          <AttemptFigures attempt={ended} />
        </div>
      )}
    </li>
  );
}

/** Whether an attempt ended with this change; none does with its beginning, or a retry by hand. */
function endsAttempt({ attempt, to, cause }: StateChange): boolean {
  const isRetry = cause.code === 'retried_by_owner' || cause.code === 'retried_by_admin';
  return attempt > 0 && to !== 'processing' && !isRetry;
}

function endedBy(state: StateChange, attempts: readonly Attempt[]): Attempt | undefined {
  return endsAttempt(state) ? attempts.find(({ attempt }) => attempt === state.attempt) : undefined;
}
