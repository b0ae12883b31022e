import { X } from 'lucide-react';

import { Button } from '../ui/button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';

/** An upload under way. */
export type UploadState = {
  /** How much of the file was sent, from 0 to 1; null until something is known. */
  fraction: number | null;
  onCancel: () => void;
};

/** How far an upload is, and the way to break it off. */
export function UploadBar({ fraction, onCancel }: UploadState) {
  return (
    <div className="flex items-center gap-4">
      <div className="min-w-0 flex-1">
        <p className="mb-1.5 flex justify-between gap-3">
          <span>{fraction === 1 ? 'Checking the file…' : 'Uploading…'}</span>
          {fraction !== null && <span className="tabular">{Math.round(fraction * 100)} %</span>}
        </p>
        <ProgressBar label="Upload" value={fraction} />
      </div>
      <Button onClick={onCancel}>
        <X aria-hidden /> Cancel
      </Button>
    </div>
  );
}
