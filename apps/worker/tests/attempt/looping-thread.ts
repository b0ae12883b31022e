import { threadId } from 'node:worker_threads';

/** Reads no file to its end. */
export default function loop({ begun }: { begun: Int32Array }): never {
  begun[0] = threadId;
  for (;;);
}
