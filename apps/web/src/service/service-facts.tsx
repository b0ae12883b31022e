import type { Service } from '@gantry/client';
import { useQueueInfo } from '@gantry/react';
import type { FileSpec } from '@gantry/sheet';
import { Download } from 'lucide-react';

import { count } from '../format/count.ts';
import { formatDuration } from '../format/format-duration.ts';
import { saveFile } from '../format/save-file.ts';
import { acceptedFileText } from '../list-file/accepted-file-text.ts';
import { sampleFile } from '../list-file/sample-file.ts';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';

/** What one wants to know before handing something over. */
export function ServiceFacts({ service, spec }: { service: Service; spec: FileSpec | null }) {
  const info = useQueueInfo();
  const queue = info.data?.queues.find((candidate) => candidate.name === service.queue);
  return (
    <Panel aria-label="About this service" className="grid gap-4 p-4">
      {spec && (
        <Fact term="File">
          {acceptedFileText(spec)}
          <ul className="mt-2 grid gap-1">
            {spec.columns.map((column) => (
              <li key={column.key}>
                <span className="rounded bg-hover px-1.5 py-0.5 font-mono text-xs text-ink">
                  {column.label}
                </span>{' '}
                {!column.required && <span className="text-ink-faint">optional</span>}
              </li>
            ))}
          </ul>
          <p className="mt-2 text-[0.8125rem] text-ink-faint">
            Other columns may stay; they come back beside the answers.
          </p>
          <Button
            size="small"
            className="mt-3"
            onClick={() =>
              saveFile(new Blob([sampleFile(spec)], { type: 'text/csv' }), `${service.id}-sample.csv`)
            }
          >
            <Download aria-hidden /> Sample file
          </Button>
        </Fact>
      )}
      <Fact term="Queue now">
        {queue ? (
          queue.isPaused ? (
            'Paused by an administrator: jobs wait until it goes on.'
          ) : (
            <>
              {count(queue.pending, 'job')} waiting, {queue.processing} running
            </>
          )
        ) : (
          '…'
        )}
      </Fact>
      <Fact term="If something fails">
        {service.maxAttempts > 1
          ? `Up to ${count(service.maxAttempts, 'attempt')}; rows that are done stay done.`
          : 'One attempt.'}{' '}
        An attempt may take {formatDuration(service.timeoutMs)}.
      </Fact>
    </Panel>
  );
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <h2 className="mb-1 text-[0.8125rem] font-semibold">{term}</h2>
      <div className="text-ink-soft">{children}</div>
    </div>
  );
}
