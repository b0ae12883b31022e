import type { FileSpec, Sheet } from '@gantry/sheet';
import { FileSpreadsheet, RefreshCw, Trash2 } from 'lucide-react';

import { ErrorCode } from '../errors/error-panel.tsx';
import { count } from '../format/count.ts';
import { formatBytes } from '../format/format-bytes.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { acceptedFileText } from './accepted-file-text.ts';
import { describeFinding } from './describe-finding.ts';
import { FileDrop } from './file-drop.tsx';
import { SheetPreview } from './sheet-preview.tsx';
import type { SheetFile } from './use-sheet-file.ts';

/** Choosing the file, and looking at what is in it before it is sent. */
export function FileStep({
  spec,
  file: { current, choose, clear },
  isDisabled,
}: {
  spec: FileSpec;
  file: { current: SheetFile; choose: (file: File) => Promise<void>; clear: () => void };
  isDisabled: boolean;
}) {
  return (
    <Panel aria-labelledby="file-title">
      <PanelHeader id="file-title" title={spec.required ? 'Your list' : 'Your list (optional)'}>
        {current.state !== 'none' && (
          <Button size="small" look="quiet" onClick={clear} disabled={isDisabled}>
            <Trash2 aria-hidden /> Remove
          </Button>
        )}
      </PanelHeader>
      <div className="grid grid-cols-1 gap-4 p-4">
        {current.state === 'none' ? (
          <FileDrop
            hint={acceptedFileText(spec)}
            isDisabled={isDisabled}
            onFile={(chosen) => void choose(chosen)}
          />
        ) : (
          <div className="flex items-center gap-3">
            <FileSpreadsheet aria-hidden className="size-8 shrink-0 text-ink-faint" strokeWidth={1.5} />
            <div className="min-w-0">
              <p className="truncate font-medium">{current.file.name}</p>
              <p className="text-[0.8125rem] text-ink-faint">{formatBytes(current.file.size)}</p>
            </div>
          </div>
        )}
        <output className="contents">
          {current.state === 'reading' && (
            <span className="flex items-center gap-2 text-ink-soft">
              <Spinner /> Reading the file…
            </span>
          )}
          {current.state === 'ready' && <Finding sheet={current.sheet} />}
        </output>
        {current.state === 'refused' && (
          <Notice
            tone="bad"
            title="This file cannot be used"
            isAlert
            action={
              <Button size="small" onClick={clear}>
                <RefreshCw aria-hidden /> Another file
              </Button>
            }
          >
            <p>{current.message}</p>
            <ErrorCode code={current.code} requestId={null} />
          </Notice>
        )}
        {current.state === 'ready' && <SheetPreview sheet={current.sheet} />}
      </div>
    </Panel>
  );
}

/** What was found in the file, in words. */
function Finding({ sheet }: { sheet: Sheet }) {
  const { counts } = sheet;
  const { taken, doubts, remarks } = describeFinding(sheet);
  return (
    <Notice
      tone={counts.invalid > 0 || doubts.length > 0 ? 'warn' : 'good'}
      title={`${count(counts.total, 'row')} found, ${count(counts.valid, 'is', 'are')} ready`}
    >
      <ul>
        {[...taken, ...doubts, ...remarks].map((sentence) => (
          <li key={sentence} className={doubts.includes(sentence) ? 'font-medium text-ink' : undefined}>
            {sentence}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
