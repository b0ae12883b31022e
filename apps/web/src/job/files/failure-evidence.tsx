import type { JobFile } from '@gantry/react';
import { Download } from 'lucide-react';

import { Button } from '../../ui/button.tsx';
import { Panel, PanelHeader } from '../../ui/panel.tsx';
import { SCROLL_REGION } from '../../ui/scroll-region.ts';
import { EvidenceImage } from './evidence-image.tsx';
import { useDownload } from './use-download.ts';

/** What the last failed attempt kept, by the names that the worker gives. */
const LABELS: Record<string, string> = {
  'failure.html': 'HTML of the page',
  'console.log': 'Console',
  'network.har': 'Requests (HAR)',
};

/** The page as the browser saw it when a job failed, and what else was kept to find out why; nothing if nothing was. */
export function FailureEvidence({ artifacts }: { artifacts: readonly JobFile[] }) {
  const download = useDownload();
  const picture = artifacts.find(({ name }) => name === 'failure.png');
  const files = artifacts.filter(({ name }) => name in LABELS);
  if (!picture && files.length === 0) return null;
  return (
    <Panel aria-labelledby="evidence-title">
      <PanelHeader id="evidence-title" title="When it failed" />
      <div className="grid gap-4 p-4">
        {picture && (
          <section
            aria-label="Screenshot"
            {...SCROLL_REGION}
            className="max-h-[30rem] overflow-y-auto rounded-md border border-line bg-sunken"
          >
            <EvidenceImage artifact={picture} label="The page when the job failed" />
          </section>
        )}
        {files.length > 0 && (
          <div className="flex flex-wrap gap-2">
            {files.map((file) => (
              <Button
                key={file.id}
                size="small"
                disabled={download.isPending && download.variables.id === file.id}
                onClick={() => download.mutate(file)}
              >
                <Download aria-hidden /> {LABELS[file.name]}
              </Button>
            ))}
          </div>
        )}
      </div>
    </Panel>
  );
}
