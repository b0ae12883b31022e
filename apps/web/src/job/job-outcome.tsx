import { isFinished, type JobStatusView } from '@gantry/client';
import type { JobFile } from '@gantry/react';
import { Download } from 'lucide-react';

import { ErrorCode } from '../errors/error-panel.tsx';
import { count } from '../format/count.ts';
import { formatBytes } from '../format/format-bytes.ts';
import { RelativeTime } from '../format/relative-time.tsx';
import { reasonText } from '../job-status/reason-text.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { useDownload } from './files/use-download.ts';

/** How a finished job came out, and its results at hand. */
export function JobOutcome({ job, artifacts }: { job: JobStatusView; artifacts: readonly JobFile[] }) {
  const download = useDownload();
  const tables = artifacts.filter((artifact) => /^results\.(csv|xlsx)$/.test(artifact.name));
  return (
    <>
      {job.status === 'failed' && (
        <Notice tone="bad" title={job.error?.message ?? 'The job failed.'}>
          <p>
            {job.cause.code === 'permanent_error'
              ? 'Trying again would end the same way: run it again with other input.'
              : job.cause.code === 'dependency_failed'
                ? 'It was not started. Try that job again first and then this one, or run this one again by itself.'
                : `It was tried ${count(job.attempt, 'time')}. Rows that were finished are kept; “Try again” goes on after them.`}
          </p>
          {job.error && <ErrorCode code={job.error.code} requestId={null} />}
        </Notice>
      )}
      {job.status === 'cancelled' && (
        <Notice tone="info" title="This job was cancelled">
          {job.error?.message ?? reasonText(job.cause)}
        </Notice>
      )}
      {tables.length > 0 && isFinished(job.status) && (
        <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line bg-surface px-4 py-3">
          <p>
            <span className="font-medium">Your results are ready.</span>{' '}
            {job.expiresAt !== null && (
              <span className="text-ink-soft">
                They are deleted <RelativeTime value={job.expiresAt} />.
              </span>
            )}
          </p>
          <div className="flex flex-wrap gap-2">
            {tables.map((artifact, index) => (
              <Button
                key={artifact.id}
                look={index === 0 ? 'primary' : 'outline'}
                onClick={() => download.mutate(artifact)}
                disabled={download.isPending}
              >
                <Download aria-hidden /> {artifact.name}
                <span className="sr-only">, {formatBytes(artifact.size)}</span>
              </Button>
            ))}
          </div>
        </div>
      )}
    </>
  );
}
