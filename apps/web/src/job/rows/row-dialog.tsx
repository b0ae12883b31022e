import { Dialog } from '@base-ui/react/dialog';
import type { AnswerColumn, RowResult } from '@gantry/client';
import { type JobFile, rowPlace } from '@gantry/react';
import { X } from 'lucide-react';

import { ErrorCode } from '../../errors/error-panel.tsx';
import { RowStatusBadge } from '../../job-status/status-badge.tsx';
import { buttonStyle } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { EvidenceImage } from '../files/evidence-image.tsx';
import { AnswerValue, answerText } from './answer-value.tsx';

/** One row in full: all values, the error, and what the browser saw. */
export function RowDialog({
  row,
  answers,
  artifacts,
  onClose,
}: {
  row: RowResult | null;
  answers: readonly AnswerColumn[];
  artifacts: readonly JobFile[];
  onClose: () => void;
}) {
  return (
    <Dialog.Root
      open={row !== null}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 bg-black/45 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup className="fixed inset-y-0 right-0 flex w-[min(34rem,100vw)] flex-col border-l border-line bg-raised shadow-float transition-transform data-ending-style:translate-x-full data-starting-style:translate-x-full">
          {row && <RowDetails row={row} answers={answers} artifacts={artifacts} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function RowDetails({
  row,
  answers,
  artifacts,
}: {
  row: RowResult;
  answers: readonly AnswerColumn[];
  artifacts: readonly JobFile[];
}) {
  const known = answers.filter(({ key }) => answerText(row.data[key]) !== '');
  const evidence = artifacts.filter(
    (artifact) => artifact.rowIndex === row.index && artifact.contentType === 'image/png',
  );
  return (
    <>
      <header className="flex items-center justify-between gap-3 border-b border-line px-5 py-3">
        <div className="min-w-0">
          <Dialog.Title className="truncate font-mono text-base font-semibold">
            {row.key === '' ? rowPlace(row) : row.key}
          </Dialog.Title>
          <p className="text-[0.8125rem] text-ink-faint">{rowPlace(row)}</p>
        </div>
        <Dialog.Close className={buttonStyle({ look: 'quiet', size: 'icon' })} aria-label="Close">
          <X aria-hidden />
        </Dialog.Close>
      </header>
      <div className="grid content-start gap-5 overflow-y-auto p-5">
        <div>
          <RowStatusBadge status={row.status} />
        </div>
        {row.error && (
          <Notice tone={row.status === 'failed' ? 'bad' : 'warn'} title={row.error.message}>
            <ErrorCode code={row.error.code} requestId={null} />
          </Notice>
        )}
        {known.length > 0 && (
          <dl className="grid">
            {known.map(({ key, label, type }) => (
              <div
                key={key}
                className="grid grid-cols-[9rem_1fr] gap-3 border-b border-line py-2 last:border-0"
              >
                <dt className="text-ink-faint">{label}</dt>
                <dd className="min-w-0 break-words">
                  <AnswerValue value={row.data[key]} type={type} artifacts={artifacts} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {evidence.map((artifact) => (
          <EvidenceImage
            key={artifact.id}
            artifact={artifact}
            label={`What the browser saw for ${row.key}`}
          />
        ))}
      </div>
    </>
  );
}
