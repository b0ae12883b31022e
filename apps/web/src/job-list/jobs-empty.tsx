import { Link } from '@tanstack/react-router';
import { Inbox, SearchX } from 'lucide-react';

import { Button, buttonStyle } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import type { JobFilter } from './job-filter.ts';

/** No jobs at all, or none that pass the filter: two different things to tell. */
export function JobsEmpty({ filter, onClear }: { filter: JobFilter; onClear: () => void }) {
  if (Object.keys(filter).length > 0) {
    return (
      <EmptyState
        icon={SearchX}
        title="No job matches"
        action={<Button onClick={onClear}>Clear the filter</Button>}
      >
        Jobs that are older than their results’ time have been deleted.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Inbox}
      title="No jobs yet"
      action={
        <Link to="/" className={buttonStyle({ look: 'primary' })}>
          Start the first one
        </Link>
      }
    >
      What you start is listed here, with its results, until they expire.
    </EmptyState>
  );
}
