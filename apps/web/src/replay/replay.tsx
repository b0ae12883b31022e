import { useGantryClient } from '@gantry/react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { FilterChips } from '../ui/filter-chips.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { readTrace } from './read-trace.ts';
import { ReplayPlayer } from './replay-player.tsx';
import type { TraceFile } from './trace-file.ts';

/** Lets the user choose an attempt and replay it. */
export function Replay({ traces }: { traces: readonly TraceFile[] }) {
  const client = useGantryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const current = traces.find(({ file }) => file.id === chosen) ?? traces[0];
  const trace = useQuery({
    queryKey: ['gantry', 'trace', current?.file.id],
    queryFn: async () => {
      const file = await client.jobs.download(current?.file.id ?? '');
      return readTrace(new Uint8Array(await file.arrayBuffer()));
    },
    staleTime: Infinity,
    // It may be twenty megabytes.
    gcTime: 10_000,
  });
  return (
    <div className="grid gap-4 p-4">
      {traces.length > 1 && (
        <FilterChips
          label="Attempt shown"
          value={current?.file.id ?? ''}
          onChange={setChosen}
          choices={traces.map(({ attempt, file }) => ({ value: file.id, label: `Attempt ${attempt}` }))}
        />
      )}
      {trace.error ? (
        <ErrorPanel error={trace.error} onRetry={() => void trace.refetch()} />
      ) : trace.data ? (
        <ReplayPlayer key={current?.file.id} trace={trace.data} />
      ) : (
        <Skeleton className="h-72" />
      )}
    </div>
  );
}
