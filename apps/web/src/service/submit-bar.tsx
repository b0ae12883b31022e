import { Play } from 'lucide-react';

import { count } from '../format/count.ts';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';
import { UploadBar, type UploadState } from './upload-bar.tsx';

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
  upload: UploadState | null;
}) {
  return (
    <Panel aria-label="Start the job" className="sticky bottom-3 z-20 p-3 shadow-float sm:px-4">
      {upload ? (
        <UploadBar {...upload} />
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
