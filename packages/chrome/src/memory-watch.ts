import { readFile } from 'node:fs/promises';

import { type BrowserTrace, findBrowserProcesses } from './find-browser-processes.ts';

const INTERVAL_MS = 2_000;

/** Remembers the most memory that a browser's whole tree was seen to use. */
export function watchMemory(trace: BrowserTrace) {
  let peakBytes = 0;
  const sample = async () => {
    peakBytes = Math.max(peakBytes, await readMemory(await findBrowserProcesses(trace)));
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

/** Memory that only these processes use, plus their share of what they share (PSS), in bytes. */
async function readMemory(pids: number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
