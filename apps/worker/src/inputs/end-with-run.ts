import { addAbortSignal, type Readable } from 'node:stream';

/**
 * Closes a stream with its run: what an automation has opened and not read to its end would hold its file, which may be
 * deleted by then, for as long as the worker lives.
 *
 * @param signal aborted when the run has ended, however that was
 */
export function endWithRun(stream: Readable, signal: AbortSignal): Readable {
  // Whoever reads is told. Often nobody does any more, and an error that nobody hears ends the process.
  stream.on('error', () => {});
  return addAbortSignal(signal, stream);
}
