import { readdir, readFile } from 'node:fs/promises';

import pg from 'pg';

/** What a database server has spent: write-ahead log in bytes, processor time in ms (NaN without a /proc). */
export type ServerCosts = { walBytes: number; cpuMs: number };

/** Reads what the server has spent so far. */
export type CostMeter = AsyncDisposable & { read(): Promise<ServerCosts> };

/** Linux reports processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** Opens the meter on a connection of its own. The server must run on this machine. */
export async function openCostMeter(databaseUrl: string): Promise<CostMeter> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    async read() {
      const { rows } = await client.query<{ pid: number; wal: string }>(
        `select pg_backend_pid() as pid, pg_current_wal_insert_lsn() - '0/0' as wal`,
      );
      const { pid = 0, wal = '' } = rows[0] ?? {};
      return { walBytes: Number(wal), cpuMs: await readCpuMs(pid) };
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

/** The processor time of all processes of the server to which a backend belongs, of ended ones too. */
async function readCpuMs(backendPid: number): Promise<number> {
  const backend = await readStat(backendPid);
  const postmaster = backend && (await readStat(backend.parent));
  if (!postmaster) return Number.NaN;
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const stats = await Promise.all(pids.map(readStat));
  const children = stats.filter((stat) => stat?.parent === backend.parent);
  const ticks = children.reduce((sum, child) => sum + (child?.own ?? 0), postmaster.own + postmaster.ended);
  return ticks * MS_PER_TICK;
}

/** Null when there is no such process. Times in ticks: its own, and those of its children that have ended. */
async function readStat(pid: number): Promise<{ parent: number; own: number; ended: number } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name of the program, in parentheses, may contain spaces. Fields are numbered as in proc(5).
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (n: number) => Number(rest[n - 3]);
  return { parent: field(4), own: field(14) + field(15), ended: field(16) + field(17) };
}
