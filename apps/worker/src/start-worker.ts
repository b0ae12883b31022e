import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { sweepBrowsers } from '@gantry/chrome';
import {
  type ClaimedJob,
  claimJobs,
  drainWorker,
  openWorkerSession,
  pause,
  publishService,
  registerWorker,
  startMaintenance,
  stopWorker,
} from '@gantry/core';

import { finishAttempt } from './finish-attempt.ts';
import { runAttempt } from './run-attempt.ts';
import { RunTable } from './run-table.ts';
import { startHeartbeat } from './start-heartbeat.ts';
import { StopRun } from './stop-reason.ts';
import type { WorkerDeps } from './worker-deps.ts';

const VERSION = '0.1.0';
const SWEEP_INTERVAL_MS = 60_000;

/** A working worker. */
export type RunningWorker = {
  id: string;
  /** Takes nothing new, lets what runs end for a while, gives the rest back. A second call gives back at once. */
  stop(): Promise<void>;
  /** Resolves if the worker cannot go on: others gave it up. A new one must be started. */
  lost: Promise<void>;
};

/** Enters a worker, publishes its automations, and claims and runs jobs until it is stopped. */
export async function startWorker(deps: WorkerDeps): Promise<RunningWorker> {
  const { config, pool, log, automations } = deps;
  await using stack = new AsyncDisposableStack();
  const workerId = randomUUID();
  const sessionKey = randomInt(2 ** 31);
  const runs = new RunTable();
  const stopping = new AbortController();
  const lost = Promise.withResolvers<void>();
  let wake = Promise.withResolvers<void>();

  await sweepBrowsers({ rootDir: config.browserRootDir });
  for (const automation of automations)
    await publishService(pool, {
      ...automation,
      acceptedFiles: automation.file && JSON.parse(JSON.stringify(automation.file)),
    });
  // First the session, then the entry: a worker without its lock would look dead.
  stack.use(
    await openWorkerSession({
      databaseUrl: deps.databaseUrl,
      applicationName: 'gantry-worker-listen',
      sessionKey,
      onJobs: () => wake.resolve(),
      onCancel: (jobId) => runs.stop(jobId, 'lease-lost'),
    }),
  );
  await registerWorker(pool, {
    id: workerId,
    host: hostname().slice(0, 255),
    pid: process.pid,
    version: VERSION,
    services: automations.map(({ id }) => id),
    concurrency: config.concurrency,
    sessionKey,
  });
  stack.use(
    startHeartbeat(deps, {
      workerId,
      runs,
      onUnknown: () => {
        runs.stopAll('lease-lost');
        lost.resolve();
        stopping.abort();
        wake.resolve();
      },
    }),
  );
  stack.use(
    startMaintenance({
      db: pool,
      storage: deps.storage,
      stuckAfterMs: config.stuckAfterMs,
      resultTtlMs: config.resultTtlMs,
      onError: (error) => log.warn({ err: error }, 'maintenance failed'),
    }),
  );
  const sweep = setInterval(() => {
    sweepBrowsers({ rootDir: config.browserRootDir }).catch((error: unknown) =>
      log.warn({ err: error }, 'the sweep failed'),
    );
  }, SWEEP_INTERVAL_MS);
  stack.defer(() => clearInterval(sweep));
  const claiming = claimUntilStopped();
  const resources = stack.move();
  log.info({ workerId, services: automations.map(({ id }) => id) }, 'the worker is ready');

  let isStopping = false;
  return {
    id: workerId,
    lost: lost.promise,
    async stop() {
      if (isStopping) return runs.stopAll('drain');
      isStopping = true;
      stopping.abort();
      wake.resolve();
      await drainWorker(pool, workerId).catch((error: unknown) =>
        log.warn({ err: error }, 'draining could not be told'),
      );
      await claiming;
      const done = new AbortController();
      const ended = runs.ended().then(() => done.abort());
      await pause(config.drainTimeoutMs, done.signal);
      runs.stopAll('drain');
      await ended;
      await stopWorker(pool, workerId).catch((error: unknown) =>
        log.warn({ err: error }, 'the end could not be told'),
      );
      await resources.disposeAsync();
    },
  };

  async function claimUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      const hint = wake.promise;
      let claimed: ClaimedJob[] = [];
      const free = config.concurrency - runs.size;
      if (free > 0) {
        claimed = await claimJobs(pool, { workerId, limit: free, leaseMs: config.leaseMs }).catch(
          (error: unknown) => {
            if (!stopping.signal.aborted) log.warn({ err: error }, 'claiming failed');
            return [];
          },
        );
      }
      for (const job of claimed) start(job);
      if (claimed.length > 0) continue;
      const awake = new AbortController();
      void hint.then(() => awake.abort());
      await pause(config.pollIntervalMs, awake.signal);
      if (awake.signal.aborted) wake = Promise.withResolvers();
    }
  }

  function start(job: ClaimedJob): void {
    const abort = new AbortController();
    void runs
      .add(job, abort, async () => {
        const automation = automations.find(({ id }) => id === job.serviceId);
        if (!automation)
          throw new TypeError(`Claimed a job of ${job.serviceId}, which this worker cannot run.`);
        log.info({ jobId: job.jobId, attempt: job.attempt, service: job.serviceId }, 'the attempt begins');
        const ended = await runAttempt(deps, { workerId, automation, job, abort });
        log.info(
          { jobId: job.jobId, attempt: job.attempt, outcome: ended.outcome.kind },
          'the attempt has ended',
        );
        await finishAttempt(deps, job, { ...ended, signal: leaseEnd(abort.signal) });
      })
      .catch((error: unknown) => log.error({ err: error, jobId: job.jobId }, 'an attempt could not be run'))
      .finally(() => wake.resolve());
  }

  /** Aborted once the lease of a run is gone: then there is nothing left to tell. */
  function leaseEnd(run: AbortSignal): AbortSignal {
    if (run.reason instanceof StopRun && run.reason.why === 'lease-lost') return run;
    return AbortSignal.timeout(config.leaseMs);
  }
}
