import { FileSpreadsheet } from 'lucide-react';
import { useDropzone } from 'react-dropzone';

import { buttonStyle } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';

/** Where a file is dropped or chosen. What it is shows its content, not its name, so every name is let through. */
export function FileDrop({
  hint,
  isDisabled,
  onFile,
}: {
  hint: string;
  isDisabled: boolean;
  onFile: (file: File) => void;
}) {
  const { getRootProps, getInputProps, isDragActive, open } = useDropzone({
    multiple: false,
    disabled: isDisabled,
    noClick: true,
    noKeyboard: true,
    onDrop: ([file]) => {
      if (file) onFile(file);
    },
  });
  return (
    <div
      {...getRootProps()}
      className={cn(
        'grid justify-items-center gap-1 rounded-lg border-2 border-dashed border-line px-4 py-10 text-center transition-colors',
        isDragActive && 'border-accent bg-accent-wash',
      )}
    >
      <input {...getInputProps({ 'aria-label': 'File' })} />
      <FileSpreadsheet aria-hidden className="mb-2 size-8 text-ink-faint" strokeWidth={1.5} />
      <p className="font-medium">{isDragActive ? 'Let go to read the file' : 'Drop your spreadsheet here'}</p>
      <p className="text-ink-soft">{hint}</p>
      <button type="button" className={cn(buttonStyle(), 'mt-3')} onClick={open} disabled={isDisabled}>
        Choose a file
      </button>
    </div>
  );
}
