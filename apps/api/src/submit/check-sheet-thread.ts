import { on } from 'node:events';
import { parentPort } from 'node:worker_threads';

import { type FileSpec, readSheet, requireValidRows, SheetError } from '@gantry/sheet';

import type { SheetReply } from './sheet-checker.ts';

type Question = { bytes: Uint8Array; spec: FileSpec };

// The thread of a SheetChecker: one file at a time comes in, what is to be said of it goes out.
if (parentPort) {
  const questions: AsyncIterable<Question[]> = on(parentPort, 'message');
  for await (const [question] of questions) {
    if (question) parentPort.postMessage(await check(question), []);
  }
}

async function check({ bytes, spec }: Question): Promise<SheetReply> {
  try {
    const { format, counts } = requireValidRows(await readSheet(bytes, spec));
    return { isGood: true, format, counts };
  } catch (error) {
    if (!(error instanceof SheetError)) throw error;
    const { code, message, details } = error;
    return { isGood: false, code, message, details };
  }
}
