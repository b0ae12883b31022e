import { Listener } from './listener.ts';

/** What a worker wants to hear. */
export type WorkerSessionOptions = {
  databaseUrl: string;
  applicationName: string;
  /** Key of the advisory lock that says "this worker lives". */
  sessionKey: number;
  /** There may be something to claim. Also called after each reconnection. */
  onJobs: () => void;
  /** A job was cancelled. */
  onCancel: (jobId: string) => void;
  /** A viewer requests a running job. */
  onLive?: (jobId: string) => void;
  /**
   * The session is gone; it comes back by itself. A heartbeat at once keeps the worker from being taken for dead,
   * should that last.
   */
  onLost?: () => void;
};

/**
 * The session of a worker: it holds the advisory lock by whose absence others notice within seconds that the worker
 * is dead, and it hears of new and cancelled jobs and of those that
 * a viewer requests.
 */
export function openWorkerSession(o: WorkerSessionOptions): Promise<Listener> {
  return Listener.start({
    databaseUrl: o.databaseUrl,
    applicationName: o.applicationName,
    channels: ['gantry_jobs', 'gantry_cancels', 'gantry_live'],
    onNotification(channel, payload) {
      if (channel === 'gantry_jobs') o.onJobs();
      else if (channel === 'gantry_cancels') o.onCancel(payload);
      else o.onLive?.(payload);
    },
    async onConnected(client) {
      await client.query('select pg_advisory_lock(gantry.session_lock_class(), $1)', [o.sessionKey]);
      o.onJobs();
    },
    ...(o.onLost && { onDisconnected: o.onLost }),
  });
}
