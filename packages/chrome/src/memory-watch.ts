import { findBrowserProcesses, readMemory } from './process-table.ts';

const INTERVAL_MS = 2_000;

/** Remembers the most memory that a browser's whole tree was seen to use. */
export function watchMemory(o: { directory: string; pid: number }) {
  let peakBytes = 0;
  const sample = async () => {
    const pids = await findBrowserProcesses({ directory: o.directory, session: o.pid });
    peakBytes = Math.max(peakBytes, await readMemory(pids));
  };
  const timer = setInterval(() => void sample(), INTERVAL_MS);
  return {
    get peakBytes() {
      return peakBytes;
    },
    sample,
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
