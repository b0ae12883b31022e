import { Play, X } from 'lucide-react';

import { count } from '../format/count.ts';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';

/** The end of the form: what will happen, the button, and the upload while it runs. */
export function SubmitBar({
  problem,
  readyCount,
  upload,
}: {
  /** Why it cannot be sent yet. */
  problem: string | null;
  /** Rows that will be worked on; null when the service counts otherwise. */
  readyCount: number | null;
  /** The upload under way; `fraction` is null until something is known. */
  upload: { fraction: number | null; onCancel: () => void } | null;
}) {
  return (
    <Panel aria-label="Start the job" className="sticky bottom-3 z-20 p-3 shadow-float sm:px-4">
      {upload ? (
        <div className="flex items-center gap-4">
          <div className="min-w-0 flex-1">
            <p className="mb-1.5 flex justify-between gap-3">
              <span>{upload.fraction === 1 ? 'Checking the file…' : 'Uploading…'}</span>
              {upload.fraction !== null && (
                <span className="tabular">{Math.round(upload.fraction * 100)} %</span>
              )}
            </p>
            <ProgressBar label="Upload" value={upload.fraction} />
          </div>
          <Button onClick={upload.onCancel}>
            <X aria-hidden /> Cancel
          </Button>
        </div>
      ) : (
        <div className="flex items-center justify-between gap-4">
          <p id="submit-hint" className="text-ink-soft">
            {problem ??
              (readyCount === null ? 'Ready to start.' : `${count(readyCount, 'row')} will be worked on.`)}
          </p>
          <Button type="submit" look="primary" disabled={problem !== null} aria-describedby="submit-hint">
            <Play aria-hidden /> Start the job
          </Button>
        </div>
      )}
    </Panel>
  );
}
