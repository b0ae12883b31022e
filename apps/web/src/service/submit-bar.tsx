import { Play } from 'lucide-react';
import { useEffect, useRef } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { count } from '../format/count.ts';
import { UploadBar, type UploadState } from '../list-file/upload-bar.tsx';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';

/**
 * The end of the form: what will happen, the button, the upload while it runs, and why the start was refused. It stays
 * at the lower edge of the window; `docked-bar` keeps what has the focus from being scrolled below it.
 */
export function SubmitBar({
  problem,
  error,
  readyCount,
  upload,
}: {
  /** Why it cannot be sent yet. */
  problem: string | null;
  /** Why it was refused. */
  error: Error | null;
  /** Rows that will be worked on; null when the service counts otherwise. */
  readyCount: number | null;
  upload: UploadState | null;
}) {
  const refusal = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) refusal.current?.focus();
  }, [error]);
  return (
    <div className="docked-bar sticky bottom-0 z-20 -mx-2 bg-canvas px-2 pt-2 pb-3">
      <Panel aria-label="Start the job" className="p-3 shadow-float sm:px-4">
        {error && (
          <div ref={refusal} tabIndex={-1} className="mb-3">
            <ErrorPanel error={error} />
          </div>
        )}
        {upload ? (
          <UploadBar {...upload} />
        ) : (
          <div className="flex items-center justify-between gap-4">
            <p id="submit-hint" className="min-w-0 break-words text-ink-soft">
              {problem ??
                (readyCount === null ? 'Ready to start.' : `${count(readyCount, 'row')} will be worked on.`)}
            </p>
            <Button type="submit" look="primary" disabled={problem !== null} aria-describedby="submit-hint">
              <Play aria-hidden /> Start the job
            </Button>
          </div>
        )}
      </Panel>
    </div>
  );
}
