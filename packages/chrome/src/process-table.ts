import { readdir, readFile } from 'node:fs/promises';

/** A process, as /proc tells of it. */
export type ProcessStatus = { pid: number; state: string; session: number; startTime: string };

/** Identity of a process across a reboot and the reuse of numbers. */
export type ProcessIdentity = { pid: number; startTime: string };

/** Reads a process's state; null if there is none of this number. Fields as in proc_pid_stat(5). */
export async function readProcess(pid: number): Promise<ProcessStatus | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name in parentheses may hold anything, also spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, state: fields[0] ?? '', session: Number(fields[3]), startTime: fields[19] ?? '' };
}

/** The identity of a process of ours, for a file that outlives us. */
export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startTime: (await readProcess(pid))?.startTime ?? '' };
}

/** Tells whether exactly this process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const status = await readProcess(identity.pid);
  return status !== null && status.state !== 'Z' && status.startTime === identity.startTime;
}

/** Changes with each boot: numbers and start times of before mean nothing then. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}

/**
 * Finds the processes of a browser: those in its session, those with its directory in their environment, and those
 * with it on their command line. No one of these is enough: children overwrite their environment, the crash handler
 * has a session of its own, and the shells between carry no path.
 */
export async function findBrowserProcesses(o: {
  directory: string;
  session: number | null;
}): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return false;
      const status = await readProcess(pid);
      if (!status || status.state === 'Z') return false;
      if (o.session !== null && status.session === o.session) return true;
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      return (
        (await read('cmdline')).includes(`--user-data-dir=${o.directory}`) ||
        (await read('cmdline')).includes(`--database=${o.directory}`) ||
        (await read('environ')).includes(`GANTRY_BROWSER=${o.directory}\0`)
      );
    }),
  );
  return pids.filter((_, index) => found[index]);
}

/** Memory that only these processes use, plus their share of what they share (PSS), in bytes. */
export async function readMemory(pids: number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
