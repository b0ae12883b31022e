import type { JobStatus } from '@gantry/contract';

/** What a job should look like. Times are in hours of the test's clock, which moves by whole hours only. */
export type ModelJob = {
  id: string;
  queue: string;
  status: JobStatus;
  priority: number;
  /** Lower goes first. */
  rank: number;
  isReady: boolean;
  runAt: number;
  attempt: number;
  used: number;
  losses: number;
  runsAlone: boolean;
  workerId: string | null;
  leaseUntil: number;
  expiresAt: number;
  events: number;
};

/** A worker and what it may take. `fate`: what others will find at the next rescue. */
export type ModelWorker = {
  id: string;
  services: readonly string[];
  queues: readonly string[] | undefined;
  fate: 'lives' | 'died' | 'stopped';
};

/** By service, which is named like its queue: with few, and with more than a job may lose with its worker. */
export const MAX_ATTEMPTS: Record<string, number> = { default: 2, other: 5 };
const MAX_LOSSES = 3;

/** No period ends within a quarter of an hour of a whole hour: a slow machine changes nothing. */
export const HOURS = { lease: 1.5, later: 5.6, backoff: 0.5, resultTtl: 4.5, priority: 0.25 };

/** The queue as simple as it can be said: no locks, no batches, no indexes. */
export class QueueModel {
  jobs: ModelJob[] = [];
  workers: ModelWorker[] = [];
  limits: Record<string, number | null> = { default: 2, other: null };
  paused = new Set<string>();
  /** Attempts that were cancelled while they ran, and until when their browsers count. */
  lingering: { jobId: string; attempt: number; queue: string; until: number }[] = [];
  now = 0;
  #ticks = 0;

  /** The time from which a job's age counts. What comes later in the same hour is younger. */
  rankOf(runAt: number, priority: number): number {
    this.#ticks += 1;
    return runAt - priority * HOURS.priority + this.#ticks * 1e-9;
  }

  holds(job: ModelJob): boolean {
    return job.status === 'processing' && job.leaseUntil > this.now;
  }

  hasAttemptsLeft({ queue, used }: ModelJob): boolean {
    return used < (MAX_ATTEMPTS[queue] ?? 0);
  }

  lingers({ id, attempt }: ModelJob): boolean {
    return this.lingering.some((l) => l.jobId === id && l.attempt === attempt && l.until > this.now);
  }

  /** Jobs whose time has come are ready. */
  promote(): void {
    for (const job of this.jobs) if (job.status === 'pending' && job.runAt <= this.now) job.isReady = true;
  }

  /** Begins the next attempts of the jobs that this worker may take now, and returns their ids in order. */
  claim(worker: ModelWorker, limit: number): string[] {
    this.promote();
    const claimed: string[] = [];
    for (const job of this.jobs.toSorted((a, b) => a.rank - b.rank)) {
      if (claimed.length === limit) break;
      const isServed = worker.queues?.includes(job.queue) ?? true;
      const isKnown = worker.services.includes(job.queue);
      if (!job.isReady || !isServed || !isKnown || this.paused.has(job.queue) || this.#isFull(job.queue))
        continue;
      Object.assign(job, { status: 'processing', isReady: false, workerId: worker.id });
      job.leaseUntil = this.now + HOURS.lease;
      job.attempt += 1;
      job.used += 1;
      job.events += 1;
      claimed.push(job.id);
    }
    return claimed;
  }

  /** Ends the attempt of a job, or its waiting. */
  end(job: ModelJob, status: JobStatus): void {
    Object.assign(job, { status, workerId: null, isReady: false });
    job.expiresAt = this.now + HOURS.resultTtl;
    job.events += 1;
  }

  /** Makes a job wait for its next attempt. */
  requeue(job: ModelJob, runAt: number): void {
    this.end(job, 'pending');
    job.runAt = runAt;
  }

  rescue(): void {
    this.promote();
    const fateOf = (job: ModelJob) => this.workers.find(({ id }) => id === job.workerId)?.fate;
    const running = this.jobs.filter(({ status }) => status === 'processing');
    const lost = running
      .filter((job) => !this.holds(job) || fateOf(job) !== 'lives')
      .map((job) => ({
        job,
        isStopped: fateOf(job) === 'stopped',
        isInCompany: running.some((other) => other !== job && other.workerId === job.workerId),
      }));
    for (const { job, isStopped, isInCompany } of lost) {
      job.runsAlone ||= !isStopped;
      if (isStopped || isInCompany) job.used -= 1;
      else job.losses += 1;
      if (this.hasAttemptsLeft(job) && job.losses < MAX_LOSSES) {
        this.requeue(job, this.now);
        job.isReady = true;
      } else {
        this.end(job, 'failed');
      }
    }
    this.lingering = this.lingering.filter(({ until }) => until > this.now);
  }

  expire(): void {
    const isOver = ({ status, expiresAt }: ModelJob) =>
      status !== 'pending' && status !== 'processing' && expiresAt <= this.now;
    this.jobs = this.jobs.filter((job) => !isOver(job));
  }

  #isFull(queue: string): boolean {
    const limit = this.limits[queue] ?? Number.POSITIVE_INFINITY;
    const running = this.jobs.filter((job) => job.queue === queue && job.status === 'processing').length;
    const lingering = this.lingering.filter((l) => l.queue === queue && l.until > this.now).length;
    return running + lingering >= limit;
  }
}
