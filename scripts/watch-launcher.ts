import { readFile } from 'node:fs/promises';

const INTERVAL_MS = 500;
const LAUNCHER = /(^|[/\s])(npx|npm|pnpm|pnpx|corepack)([\s@.\0-]|$)|^(\/bin\/)?(sh|dash|bash)\0-c\0/;

/** A process that stands between the user and this one. */
type Launcher = { pid: number; startTime: string };

/**
 * Resolves when a package manager that started this process is gone without a word: `kill -9` of `npx pnpm start` is
 * meant for everything that it started. Whatever stands above, a shell or a service manager, may end as it likes.
 */
export async function launcherGone(signal: AbortSignal): Promise<void> {
  const launchers = await findLaunchers(process.ppid);
  if (launchers.length === 0) return new Promise(() => {});
  return new Promise((resolve) => {
    const look = async () => {
      const now = await Promise.all(launchers.map(({ pid }) => readProcess(pid)));
      if (launchers.some(({ startTime }, index) => now[index]?.startTime !== startTime)) resolve();
    };
    const timer = setInterval(() => void look(), INTERVAL_MS).unref();
    signal.addEventListener('abort', () => clearInterval(timer));
  });
}

/** The package managers, and the shells that they use, from a process upwards. */
async function findLaunchers(pid: number): Promise<Launcher[]> {
  const found = await readProcess(pid);
  if (!found || !LAUNCHER.test(found.command)) return [];
  return [{ pid, startTime: found.startTime }, ...(await findLaunchers(found.parent))];
}

/** Null when there is no such process, or no /proc. A zombie is gone. */
async function readProcess(
  pid: number,
): Promise<{ parent: number; startTime: string; command: string } | null> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const stat = await read('stat');
  // The name in parentheses may hold anything. Fields as in proc_pid_stat(5).
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || state === 'Z') return null;
  return { parent: Number(parent), startTime: rest[17] ?? '', command: await read('cmdline') };
}
