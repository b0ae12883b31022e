import type { JobFile } from '@gantry/react';
import { lazy, Suspense } from 'react';
import type { TraceFile } from '../replay/trace-file.ts';

import { Skeleton } from '../ui/skeleton.tsx';

const TRACE_NAME = /^trace-attempt-(\d+)\.zip$/;

// Few users replay a run, so the player is loaded on demand.
const LazyReplay = lazy(async () => ({ default: (await import('../replay/replay.tsx')).Replay }));

/** The traces among the files of a job, the newest first. */
export function tracesOf(artifacts: readonly JobFile[]): TraceFile[] {
  return artifacts
    .flatMap((file) => {
      const [, attempt] = TRACE_NAME.exec(file.name) ?? [];
      return attempt === undefined ? [] : [{ attempt: Number(attempt), file }];
    })
    .sort((a, b) => b.attempt - a.attempt);
}

/** What the browser showed while the job ran. */
export function ReplayTab({ traces }: { traces: TraceFile[] }) {
  return (
    <Suspense fallback={<Skeleton className="m-4 h-72" />}>
      <LazyReplay traces={traces} />
    </Suspense>
  );
}
