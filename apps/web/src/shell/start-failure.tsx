import { CraneMark } from '../page/crane-mark.tsx';
import { Button } from '../ui/button.tsx';

/** Stands alone in the page when the API cannot be reached at the start. */
export function StartFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <title>Gantry cannot be reached</title>
      <div className="grid max-w-sm justify-items-center gap-4 text-center">
        <CraneMark className="size-12" />
        <div role="alert">
          <h1 className="text-xl font-semibold tracking-tight">Gantry cannot be reached</h1>
          <p className="mt-1 text-ink-soft">
            The server is starting, or your connection is down. Jobs that are queued go on without you.
          </p>
          <p className="mt-2 font-mono text-xs text-ink-faint">
            {error instanceof Error ? error.message : 'unknown error'}
          </p>
        </div>
        <Button look="primary" onClick={onRetry}>
          Try again
        </Button>
      </div>
    </main>
  );
}
