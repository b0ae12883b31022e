import type { Worker } from 'node:worker_threads';

/** What reading one file may take. */
export type Limits = {
  /** Processor time: a busy machine does not make a file complex. */
  cpuMs: number;
  /** Used heap and buffers of the thread. */
  memoryBytes: number;
  /** Time on the clock, for a file whose reading waits for something. */
  totalMs: number;
};

const INTERVAL_MS = 50;

/**
 * Measures a thread that runs a task, also while it is busy. `signal` is aborted when the task takes too much.
 *
 * @param begun where the thread writes its id, and the processor time (in ms) that it had used before the task
 */
export function limitThread(
  threads: () => Worker[],
  begun: Int32Array,
  limits: Limits,
): { signal: AbortSignal } & Disposable {
  const over = new AbortController();
  const startedAt = performance.now();
  const measure = async () => {
    if (performance.now() - startedAt > limits.totalMs) over.abort();
    const thread = threads().find(({ threadId }) => threadId === begun[0]);
    if (!thread) return;
    const [cpu, heap] = await Promise.all([thread.cpuUsage(), thread.getHeapStatistics()]);
    if ((cpu.user + cpu.system) / 1_000 - (begun[1] ?? 0) > limits.cpuMs) over.abort();
    if (heap.used_heap_size + heap.external_memory > limits.memoryBytes) over.abort();
  };
  // A thread that ends meanwhile has no figures.
  const timer = setInterval(() => void measure().catch(() => {}), INTERVAL_MS);
  return { signal: over.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
