import { isFinished, type JobStatusView } from '@gantry/client';
import type { JobFile } from '@gantry/react';
import { Download, File, FileImage, FileSpreadsheet, Files, FileText } from 'lucide-react';

import { formatBytes } from '../../format/format-bytes.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useDownload } from './use-download.ts';

/** The files that the job made. */
export function FileList({ job, artifacts }: { job: JobStatusView; artifacts: readonly JobFile[] }) {
  const download = useDownload();
  if (artifacts.length === 0) {
    return (
      <EmptyState icon={Files} title={isFinished(job.status) ? 'This job left no files' : 'No files yet'}>
        {isFinished(job.status) ? null : 'Result tables and screenshots appear here when they are made.'}
      </EmptyState>
    );
  }
  return (
    <ul className="max-h-[36rem] overflow-y-auto">
      {artifacts.map((artifact) => (
        <li
          key={artifact.id}
          className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-0"
        >
          <FileIcon contentType={artifact.contentType} />
          <span className="min-w-0 flex-1 truncate">{artifact.name}</span>
          <span className="tabular shrink-0 text-[0.8125rem] text-ink-faint">
            {formatBytes(artifact.size)}
          </span>
          <Button
            look="quiet"
            size="icon"
            aria-label={`Download ${artifact.name}`}
            disabled={download.isPending && download.variables.id === artifact.id}
            onClick={() => download.mutate(artifact)}
          >
            <Download aria-hidden />
          </Button>
        </li>
      ))}
    </ul>
  );
}

function FileIcon({ contentType }: { contentType: string }) {
  const Icon = /csv|spreadsheet/.test(contentType)
    ? FileSpreadsheet
    : contentType.startsWith('image/')
      ? FileImage
      : /^text\/|pdf|json/.test(contentType)
        ? FileText
        : File;
  return <Icon aria-hidden className="size-5 shrink-0 text-ink-faint" strokeWidth={1.75} />;
}
