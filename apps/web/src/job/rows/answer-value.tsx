import type { AnswerColumn, JsonValue } from '@gantry/client';
import type { JobFile } from '@gantry/react';
import { Download } from 'lucide-react';

import { useDownload } from '../files/use-download.ts';

/** A value of an answer: a text, a link to an address, or a file of the job to download. */
export function AnswerValue({
  value,
  type,
  artifacts,
}: {
  value: JsonValue | undefined;
  type: AnswerColumn['type'];
  artifacts: readonly JobFile[];
}) {
  const text = answerText(value);
  if (type === 'file') {
    const file = artifacts.find(({ name }) => name === text);
    if (file) return <FileButton file={file} />;
  }
  if (type === 'url' && /^https?:\/\//i.test(text)) {
    return (
      <a href={text} target="_blank" rel="noreferrer" className={LINK}>
        {text}
      </a>
    );
  }
  return text;
}

/** A value as a person reads it: `Seal: 12; Weight: 3 t` for an object. */
export function answerText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(answerText).join('; ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${answerText(inner)}`)
    .join('; ');
}

const LINK = 'text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-accent';

function FileButton({ file }: { file: JobFile }) {
  const download = useDownload();
  return (
    <button
      type="button"
      aria-label={`Download ${file.name}`}
      disabled={download.isPending}
      onClick={() => download.mutate(file)}
      className={`inline-flex max-w-full items-center gap-1.5 ${LINK}`}
    >
      <Download aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{file.name}</span>
    </button>
  );
}
