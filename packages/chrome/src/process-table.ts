import { readdir, readFile, readlink } from 'node:fs/promises';

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

/** Where a process's number and start time mean something: one boot of one machine, and there one container. */
export type ProcessWorld = { bootId: string; pidNamespace: string };

/** Tells which boot and which container we are in; both empty where there is no /proc. */
export async function readProcessWorld(): Promise<ProcessWorld> {
  const [bootId, pidNamespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return { bootId: bootId.trim(), pidNamespace };
}

/**
 * Finds the processes of a browser: those with its directory in their environment or on their command line, and all in
 * the sessions that such a process leads. No one of these is enough: children overwrite their environment, the crash
 * handler has a session of its own, and the shells between carry no path.
 *
 * @param o.session the session that the browser leads, where it is known and surely still its own
 */
export async function findBrowserProcesses(o: {
  directory: string;
  session: number | null;
}): Promise<number[]> {
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const alive: ProcessStatus[] = [];
  for (const status of await Promise.all(numbers.map(readProcess))) {
    if (status && status.state !== 'Z' && status.pid !== process.pid) alive.push(status);
  }
  const marks = await Promise.all(alive.map((status) => isMarked(status.pid, o.directory)));
  const marked = alive.filter((_, index) => marks[index]);
  const sessions = new Set(
    marked.filter(({ pid, session }) => pid === session).map(({ session }) => session),
  );
  if (o.session !== null) sessions.add(o.session);
  return alive
    .filter((status) => sessions.has(status.session) || marked.includes(status))
    .map((status) => status.pid);
}

async function isMarked(pid: number, directory: string): Promise<boolean> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const commandLine = await read('cmdline');
  return (
    commandLine.includes(`--user-data-dir=${directory}`) ||
    commandLine.includes(`--database=${directory}`) ||
    (await read('environ')).includes(`GANTRY_BROWSER=${directory}\0`)
  );
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
