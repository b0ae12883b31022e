import type { Readable } from 'node:stream';

/**
 * The most that a browser may say in one message, in bytes: a page that is printed or kept as a picture comes in one.
 * So does a line that a page writes to its console, and one of 512 MB would end this process.
 */
export const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

/**
 * Closes a pipe of messages, each of which ends with a zero byte, when one is too long.
 *
 * @param onTooLong called before the pipe is closed, so that its reason comes first
 */
export function limitMessages(pipe: Readable, onTooLong: () => void): void {
  let bytes = 0;
  pipe.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(0);
    bytes = end < 0 ? bytes + chunk.length : chunk.length - end - 1;
    if (bytes <= MAX_MESSAGE_BYTES) return;
    onTooLong();
    pipe.destroy();
  });
}
