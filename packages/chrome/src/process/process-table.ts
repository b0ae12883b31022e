import { readdirSync, readFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';

/** A process, as in /proc. Its start is counted in ticks since the boot. */
export type ProcessStatus = {
  pid: number;
  state: string;
  session: number;
  startTime: string;
  /** Processor time of its own, and of its children that have ended and were waited for. */
  cpuMs: number;
};

/** The unit of times in /proc: a hundredth of a second on every kernel that Chrome runs on. */
const TICK_MS = 10;

/** Identity of a process across a reboot and the reuse of numbers. */
export type ProcessIdentity = { pid: number; startTime: string };

/** Where a process's number and start time mean something: one boot of one machine, and there one container. */
export type ProcessWorld = { bootId: string; pidNamespace: string };

/**
 * Reads a process's state; null if there is none of this number. Fields as in proc_pid_stat(5).
 *
 * @throws {Error} if no more files can be opened: then it is not known
 */
export function readProcess(pid: number): ProcessStatus | null {
  let stat: string;
  try {
    // The kernel answers from memory in microseconds, and waits for no lock: a thread would cost more than it saves.
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    throwIfOutOfFiles(error);
    return null;
  }
  // The name in parentheses may hold anything, also spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpuTicks = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  return {
    pid,
    state: fields[0] ?? '',
    session: Number(fields[3]),
    startTime: fields[19] ?? '',
    cpuMs: cpuTicks * TICK_MS,
  };
}

/**
 * All processes but zombies and ourselves; none where there is no /proc.
 *
 * @throws {Error} if no more files can be opened: then they are not known
 */
export function listProcesses(): ProcessStatus[] {
  let names: string[] = [];
  try {
    names = readdirSync('/proc');
  } catch (error) {
    throwIfOutOfFiles(error);
    // Another system than Linux.
  }
  const processes: ProcessStatus[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const status = readProcess(Number(name));
    if (status && status.state !== 'Z') processes.push(status);
  }
  return processes;
}

/** The identity of a process of ours, for a file that outlives us. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: readProcess(pid)?.startTime ?? '' };
}

/** Tells whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const status = readProcess(identity.pid);
  return status !== null && status.state !== 'Z' && status.startTime === identity.startTime;
}

/** Tells which boot and which container we are in; both empty where there is no /proc. */
export async function readProcessWorld(): Promise<ProcessWorld> {
  const [bootId, pidNamespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return { bootId: bootId.trim(), pidNamespace };
}

/** What cannot be looked at would be taken for gone: a browser that lives for ended, and an owner for dead. */
function throwIfOutOfFiles(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EMFILE' || code === 'ENFILE') throw error;
}
