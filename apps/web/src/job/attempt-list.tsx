import type { StateChange } from '@gantry/react';
import { History } from 'lucide-react';

import { RelativeTime } from '../format/relative-time.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { JobStatusBadge } from './status-badge.tsx';

/** Every change of state, by attempt: what was tried, and why it was tried again. */
export function AttemptList({ states }: { states: readonly StateChange[] }) {
  if (states.length === 0) {
    return (
      <EmptyState icon={History} title="No attempt yet">
        The job has not been taken up.
      </EmptyState>
    );
  }
  return (
    <ol className="grid">
      {states.map((state) => (
        <li
          key={state.seq}
          className="grid grid-cols-[6.5rem_1fr] items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 last:border-0 sm:grid-cols-[6.5rem_8rem_1fr_auto]"
        >
          <span className="text-ink-soft">
            {state.attempt === 0 ? 'Submission' : `Attempt ${state.attempt}`}
          </span>
          <span>
            <JobStatusBadge job={{ status: state.to, statusReason: state.reason }} isPast />
          </span>
          <span className="min-w-0 break-words text-ink-soft max-sm:col-span-2">
            {state.errorMessage ?? state.reason}
            {state.errorCode !== undefined && (
              <span className="ml-2 font-mono text-xs">{state.errorCode}</span>
            )}
          </span>
          <span className="text-[0.8125rem] text-ink-faint max-sm:col-span-2">
            <RelativeTime value={state.createdAt} />
          </span>
        </li>
      ))}
    </ol>
  );
}
