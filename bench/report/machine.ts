import { cpus, totalmem } from 'node:os';

/**
 * Where and when it was measured.
 *
 * @param what the program that was measured with its version, and who shares the machine with it
 */
export function describeMachine(what: string): string {
  const [cpu] = cpus();
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GB memory`,
    `Node ${process.versions.node}`,
    what,
    new Date().toISOString().slice(0, 10),
  ].join(', ');
}

/** How a queue's Postgres is described to {@link describeMachine}. */
export function describePostgres(version: string): string {
  return `PostgreSQL ${version}, fsync and synchronous_commit on, shared by server, producer and worker`;
}
