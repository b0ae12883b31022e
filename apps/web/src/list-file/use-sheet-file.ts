import type { FileSpec, Sheet } from '@gantry/sheet';
import { useRef, useState } from 'react';

import { formatBytes } from '../format/format-bytes.ts';

/** A chosen file on its way to being sent. `refused` files are never sent: the API would refuse them too. */
export type SheetFile =
  | { state: 'none' }
  | { state: 'reading'; file: File }
  | { state: 'ready'; file: File; sheet: Sheet }
  | { state: 'refused'; file: File; code: string; message: string };

/** Reads a chosen file in the browser, with the very reader that the API and the worker use. */
export function useSheetFile(spec: FileSpec | null) {
  const [current, setCurrent] = useState<SheetFile>({ state: 'none' });
  const latest = useRef<File | null>(null);

  const choose = async (file: File) => {
    if (!spec) return;
    latest.current = file;
    setCurrent({ state: 'reading', file });
    const next = await readFile(file, spec);
    // A second file that is dropped while the first is read replaces it.
    if (latest.current === file) setCurrent(next);
  };

  const clear = () => {
    latest.current = null;
    setCurrent({ state: 'none' });
  };

  return { current, choose, clear };
}

async function readFile(file: File, spec: FileSpec): Promise<SheetFile> {
  // The reader is a good part of the code and needed on this page alone.
  const { readSheet, requireValidRows, SheetError } = await import('@gantry/sheet');
  try {
    if (file.size > spec.maxBytes) {
      // Not read into memory only to be refused.
      throw new SheetError(
        'FILE_TOO_LARGE',
        `The file is larger than ${formatBytes(spec.maxBytes)}. Split it and submit the parts.`,
      );
    }
    const sheet = requireValidRows(await readSheet(new Uint8Array(await file.arrayBuffer()), spec));
    return { state: 'ready', file, sheet };
  } catch (error) {
    if (error instanceof SheetError)
      return { state: 'refused', file, code: error.code, message: error.message };
    // The browser could not read it: moved, renamed, or on a drive that is gone.
    return {
      state: 'refused',
      file,
      code: 'FILE_UNREADABLE',
      message: 'The file could not be opened. Check that it still exists and choose it again.',
    };
  }
}
