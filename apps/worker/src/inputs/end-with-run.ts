import { addAbortSignal, type Readable } from 'node:stream';

/**
 * Closes a stream with its run: what an automation has opened and not read to its end would hold its file, which may be
 * deleted by then, for as long as the worker lives.
 *
 * @param signal aborted when the run has ended, however that was
 */
export function endWithRun(stream: Readable, signal: AbortSignal): Readable {
  // A reader gets the error. Often there is none any more, and an unhandled error event ends the process.
  stream.on('error', () => {});
  return addAbortSignal(signal, stream);
}
