import type { Question, Reply } from '../sheet-thread.ts';
import answer from '../sheet-thread.ts';

/** A thread that does what the file says, beside what threads of the product do. */
export default async function obey(question: Question): Promise<Reply> {
  const reply = answer(question);
  const order = new TextDecoder().decode(question.bytes);
  if (order === 'loop') for (;;);
  if (order === 'grow')
    for (const list: unknown[] = []; ; ) list.push(Array.from({ length: 1_000_000 }, Math.random));
  if (order === 'buffers') for (const list: unknown[] = []; ; ) list.push(new Uint8Array(5_000_000).fill(1));
  if (order === 'hang') {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    new BroadcastChannel('bad-thread').postMessage('hangs');
    await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  }
  if (order === 'fail later') setImmediate(() => void Promise.reject(new Error('failed after the answer')));
  return reply;
}
