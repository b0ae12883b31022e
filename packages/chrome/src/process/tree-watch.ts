import { readFile } from 'node:fs/promises';

import { listProcesses, type ProcessStatus } from './process-table.ts';

const INTERVAL_MS = 1_000;

/** What a browser's whole tree was seen to use. */
export type TreeUsage = {
  /** The most at one time, in bytes: what only its processes use, and their share of what they share (PSS). */
  peakMemoryBytes: number;
  /** Of one core, since it was launched and until a second before its end. */
  cpuMs: number;
};

/** Looks at what a browser's tree uses. */
export type TreeWatch = {
  readonly usage: Readonly<TreeUsage>;
  /** Whether one of its processes was stopped (SIGSTOP, a debugger) at the last look. */
  readonly isStopped: boolean;
  /** Looks now. @returns the memory in use, in bytes */
  sample(): Promise<number>;
  /** Looks a last time, unless it has done so a moment ago: an end is not to wait for figures. */
  finish(): Promise<void>;
  /** Samples each second and reports the memory in use, in bytes. The next sample waits until the report was handled. */
  watch(onSample: (memoryBytes: number) => Promise<void>): void;
  [Symbol.dispose](): void;
};

/**
 * Prepares to look at the tree of a browser: at the session that it leads. That leaves out full Chrome's crash handler,
 * which is small and idle. To find it too, all processes of all other browsers would have to be looked into each time.
 */
export function createTreeWatch(session: number): TreeWatch {
  const usage: TreeUsage = { peakMemoryBytes: 0, cpuMs: 0 };
  let timer: NodeJS.Timeout | undefined;
  let sampledAt = -Infinity;
  let isLooking = false;
  let isStopped = false;
  const sample = async () => {
    const processes = listTree(session);
    isStopped = processes.some(({ state }) => state === 'T' || state === 't');
    const cpuMs = processes.reduce((sum, process) => sum + process.cpuMs, 0);
    const memoryBytes = await readMemory(processes.map(({ pid }) => pid));
    // A later sum may be smaller: it lacks the time of processes that have ended and were not waited for.
    usage.cpuMs = Math.max(usage.cpuMs, cpuMs);
    usage.peakMemoryBytes = Math.max(usage.peakMemoryBytes, memoryBytes);
    sampledAt = performance.now();
    return memoryBytes;
  };
  return {
    usage,
    get isStopped() {
      return isStopped;
    },
    sample,
    async finish() {
      clearInterval(timer);
      if (performance.now() - sampledAt > INTERVAL_MS) await sample();
    },
    watch(onSample) {
      timer ??= setInterval(() => {
        // On a machine so busy that a look takes longer than the interval, looks shall not pile up.
        if (isLooking) return;
        isLooking = true;
        void sample()
          .then(onSample)
          .finally(() => {
            isLooking = false;
          });
      }, INTERVAL_MS);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Nothing if it cannot be looked at: figures are no reason to fail. */
function listTree(session: number): ProcessStatus[] {
  try {
    return listProcesses().filter((process) => process.session === session);
  } catch {
    return [];
  }
}

async function readMemory(pids: number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
