import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';

import type { FileSpec } from '../file-spec.ts';
import { readSheet, requireValidRows } from '../read-sheet.ts';
import type { Sheet } from '../sheet.ts';
import { SheetError } from '../sheet-error.ts';

/** What a thread is asked. */
export type Question = {
  bytes: Uint8Array;
  spec: FileSpec;
  /** Whether the rows are wanted; without them, a file without a valid row is refused. */
  wantsRows: boolean;
  /** Where the thread writes its id and the processor time (in ms) that it had used before. */
  begun: Int32Array;
};

/** What it answers. An error loses its class on the way, so a refused file is a value. */
export type Reply =
  | { sheet: Sheet }
  | { refusal: { code: SheetError['code']; message: string; details: SheetError['details'] } };

/** Bytes of heap above which what the file before has left is collected first. */
const COLLECT_FROM = 50_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Runs in a thread of a {@link SheetPool}. */
export default async function answer({ bytes, spec, wantsRows, begun }: Question): Promise<Reply> {
  // Else the memory that the last file took would count against this one, and refuse it.
  const { total_heap_size: heap, external_memory: buffers } = getHeapStatistics();
  if (heap + buffers > COLLECT_FROM) collectGarbage();
  const { user, system } = process.threadCpuUsage();
  begun[1] = (user + system) / 1_000;
  begun[0] = threadId;
  try {
    const sheet = await readSheet(bytes, spec);
    return { sheet: wantsRows ? sheet : { ...requireValidRows(sheet), rows: [] } };
  } catch (error) {
    if (!(error instanceof SheetError)) throw error;
    const { code, message, details } = error;
    return { refusal: { code, message, details } };
  }
}
