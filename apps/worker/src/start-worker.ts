import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import {
  createCompleter,
  drainWorker,
  openWorkerSession,
  pause,
  registerWorker,
  startMaintenance,
  startScheduler,
  stopWorker,
} from '@gantry/core';
import type { Page } from 'puppeteer-core';
import type { Attempt, EndedAttempt } from './attempt/attempt.ts';
import { finishAttempt } from './attempt/finish-attempt.ts';
import { recordUsage } from './attempt/record-usage.ts';
import { runAttempt } from './attempt/run-attempt.ts';
import { type ClaimLoop, startClaiming } from './claims/claim-loop.ts';
import { type Run, RunTable } from './claims/run-table.ts';
import { type Heartbeat, startHeartbeat } from './claims/start-heartbeat.ts';
import { LiveViews } from './live-view/live-views.ts';
import { publishServices } from './maintenance/publish-services.ts';
import { startSweeping } from './maintenance/start-sweeping.ts';
import { openBrowsers } from './open-browsers.ts';
import type { WorkerDeps } from './worker-deps.ts';

const VERSION = '0.1.0';
/** How long giving everything back may take; after that it is left to the lease. */
const RELEASE_MS = 3_000;

/** A working worker. */
export type RunningWorker = {
  id: string;
  /** Resolves if the worker cannot continue: it was declared lost. A new one must be started. */
  lost: Promise<void>;
  /**
   * Takes nothing new and ends. `drain` lets what runs end first, for as long as the settings say; `release` gives it
   * back at once, and cuts a drain short. Released jobs use no attempt.
   */
  stop(how: 'drain' | 'release'): Promise<void>;
};

/**
 * Enters a worker, publishes its automations, and claims and runs jobs until it is stopped.
 *
 * @param runOne runs an attempt; the bench measures a worker without browsers
 */
export async function startWorker(
  deps: WorkerDeps,
  runOne: (deps: WorkerDeps, attempt: Attempt) => Promise<EndedAttempt> = runAttempt,
): Promise<RunningWorker> {
  const { config, pool, log, automations } = deps;
  await using stack = new AsyncDisposableStack();
  const workerId = randomUUID();
  const sessionKey = randomInt(2 ** 31);
  const runs = new RunTable({ leaseMs: config.leaseMs });
  const lost = Promise.withResolvers<void>();
  const complete = createCompleter(pool, { resultTtlMs: config.resultTtlMs });
  let claiming: ClaimLoop | null = null;
  let heartbeat: Heartbeat | null = null;

  const live = stack.use(new LiveViews(deps, { workerId }));
  stack.use(await startSweeping(deps));
  const browsers = stack.use(await openBrowsers(deps, workerId));
  await publishServices(deps);
  // First the session, then the entry: a worker without its lock would look dead.
  const session = stack.use(
    await openWorkerSession({
      databaseUrl: deps.databaseUrl,
      applicationName: 'gantry-worker-listen',
      sessionKey,
      onJobs: () => claiming?.wake(),
      onCancel: (jobId) => runs.cancel(jobId),
      onLive: (jobId) => live.hear(jobId),
      onLost: () => heartbeat?.hurry(),
    }),
  );
  await registerWorker(pool, {
    id: workerId,
    host: hostname().slice(0, 255),
    pid: process.pid,
    version: VERSION,
    services: automations.map(({ id }) => id),
    queues: config.queues,
    concurrency: config.concurrency,
    sessionKey,
  });
  const onUnknown = () => {
    runs.loseAll();
    lost.resolve();
  };
  const isSessionOpen = () => session.isConnected;
  heartbeat = stack.use(startHeartbeat(deps, { workerId, runs, isSessionOpen, onUnknown }));
  stack.use(
    startMaintenance({
      db: pool,
      storage: deps.storage,
      stuckAfterMs: config.stuckAfterMs,
      resultTtlMs: config.resultTtlMs,
      onError: (error) => log.warn({ err: error }, 'maintenance failed'),
    }),
  );
  stack.use(
    startScheduler({
      pool,
      maxUnfinishedJobs: config.maxUnfinishedJobs,
      onError: (error) => log.warn({ err: error }, 'schedules could not be fired'),
    }),
  );
  const loop = startClaiming(deps, {
    workerId,
    runs,
    // Without its session the worker is about to be given up.
    canClaim: isSessionOpen,
    onClaimed: (job, how) => runs.begin(job, how, execute),
  });
  claiming = loop;
  const resources = stack.move();
  log.info({ workerId, services: automations.map(({ id }) => id) }, 'the worker is ready');

  const hurry = new AbortController();
  let stopped: Promise<void> | null = null;
  return {
    id: workerId,
    lost: lost.promise,
    stop(how) {
      if (how === 'release') hurry.abort();
      stopped ??= stop();
      return stopped;
    },
  };

  async function execute(run: Run): Promise<void> {
    const { jobId, attempt, serviceId } = run.job;
    try {
      const automation = automations.find(({ id }) => id === serviceId);
      if (!automation) throw new TypeError(`This worker does not know the service ${serviceId}.`);
      log.info({ jobId, attempt, serviceId }, 'the attempt begins');
      const onOpen = (page: Page) => live.open(run.job, page);
      const ended = await runOne(deps, { workerId, browsers, automation, run, onOpen });
      const end = await finishAttempt({ ...deps, complete }, run.job, {
        ...ended,
        lease: run.lease.signal,
      });
      recordUsage(deps, run.job, ended.usage);
      log.info({ jobId, attempt, end }, 'the attempt has ended');
    } catch (error) {
      log.error({ err: error, jobId, attempt }, 'the attempt could not be run');
    }
    // Once the run has left the table there is a free place.
    setImmediate(() => claiming?.wake());
  }

  async function stop(): Promise<void> {
    const tell = (telling: Promise<void>) =>
      telling.catch((error: unknown) => log.warn({ err: error }, 'the end could not be told'));
    const claimed = loop.stop();
    await Promise.all([tell(drainWorker(pool, workerId)), claimed]);
    await within(config.drainTimeoutMs, hurry.signal);
    runs.releaseAll();
    await within(RELEASE_MS);
    runs.loseAll();
    await runs.ended();
    await tell(stopWorker(pool, workerId));
    log.info({ workerId }, 'the worker has stopped');
    await resources.disposeAsync();
  }

  /** Waits until nothing runs, but not longer. */
  async function within(ms: number, cut?: AbortSignal): Promise<void> {
    const done = new AbortController();
    void runs.ended().then(() => done.abort());
    await pause(ms, AbortSignal.any([done.signal, ...(cut ? [cut] : [])]));
  }
}
