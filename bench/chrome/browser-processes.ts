import { readdir, readFile, readlink } from 'node:fs/promises';

const TICKS_PER_SECOND = 100;

/** Live processes of a program, by their numbers. A lab unpacks a browser of its own, so these are all its browsers. */
export async function findProcessesOf(executablePath: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A zombie has no program any more.
  const programs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')));
  return pids.filter((_, index) => programs[index] === executablePath).map(Number);
}

/** Ends them. */
export async function endProcessesOf(executablePath: string): Promise<void> {
  for (const pid of await findProcessesOf(executablePath)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}

/** The processor time that live processes of a program have used, in milliseconds. */
export async function cpuMsOf(executablePath: string): Promise<number> {
  const times = await Promise.all((await findProcessesOf(executablePath)).map(readTicks));
  return (times.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND) * 1000;
}

async function readTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields as in proc_pid_stat(5), from the third on: the name in parentheses may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
