import { isFinished, type JobStatus } from '@gantry/contract';
import {
  type EventHub,
  getJob,
  getJobEvents,
  type LiveSize,
  pause,
  type ReadEvents,
  watchJobEvents,
} from '@gantry/core';
import type pg from 'pg';

import type { FrameSources } from './frame-sources.ts';
import { type LiveState, picturePart } from './parts.ts';

/** Between one worker that did not come, or went, and the next try. */
const RETRY_MS = 1_000;
const PAGE = 200;

/** A viewer. A slow one misses pictures and delays no other. */
export type LiveViewer = {
  /** Its state; sent at once and after each change. */
  onState(o: { jobId: string; attempt: number; state: LiveState }): void;
  /** The newest picture, as a part of a stream. */
  onPicture(jobId: string, part: Buffer): void;
};

/** What a view is made of. */
export type LiveViewOptions = {
  pool: pg.Pool;
  hub: EventHub;
  sources: FrameSources;
  jobId: string;
  size: LiveSize;
  /** Something did not work; it is tried again. */
  onError: (error: unknown) => void;
};

/** A job that is looked at: it follows the job from attempt to attempt and has the last picture for those who come late. */
export class LiveView implements Disposable {
  readonly #o: LiveViewOptions;
  readonly #viewers = new Set<LiveViewer>();
  readonly #closed = new AbortController();
  #state: LiveState = 'waiting';
  #attempt = 0;
  #picture: Buffer | null = null;
  /** Aborted when the attempt that is shown has ended. */
  #run: AbortController | null = null;

  constructor(o: LiveViewOptions) {
    this.#o = o;
    void this.#follow();
  }

  /** Whether the job has ended: there is nothing more to come. */
  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  add(viewer: LiveViewer): void {
    this.#viewers.add(viewer);
    viewer.onState(this.#standing);
    if (this.#picture) viewer.onPicture(this.#o.jobId, this.#picture);
  }

  remove(viewer: LiveViewer): void {
    this.#viewers.delete(viewer);
  }

  /** Ends it: the worker learns of it when it sends its next picture. */
  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#run?.abort();
  }

  get #standing() {
    return { jobId: this.#o.jobId, attempt: this.#attempt, state: this.#state };
  }

  async #follow(): Promise<void> {
    const { pool, hub, jobId } = this.#o;
    const { signal } = this.#closed;
    while (!signal.aborted && !this.hasEnded) {
      try {
        const job = await getJob(pool, jobId);
        if (!job) return this.#tell('ended');
        this.#apply(job.status, job.attempt);
        const read: ReadEvents = async (afterSeq) => {
          const found = await getJob(pool, jobId);
          return found && { job: found, events: await getJobEvents(pool, { jobId, afterSeq, limit: PAGE }) };
        };
        const watch = { hub, jobId, afterSeq: job.eventSeq, signal, readAsWatcher: read, read };
        for await (const event of watchJobEvents(watch))
          if (event.type === 'state') this.#apply(event.data.to, event.attempt);
      } catch (error) {
        this.#o.onError(error);
        await pause(RETRY_MS, signal);
      }
    }
  }

  #apply(status: JobStatus, attempt: number): void {
    if (this.#closed.signal.aborted) return;
    if (status === 'processing' && this.#run && attempt === this.#attempt) return;
    this.#run?.abort();
    this.#run = null;
    // What another attempt looked like would be taken for this one.
    if (attempt !== this.#attempt) this.#picture = null;
    this.#attempt = attempt;
    if (isFinished(status)) this.#tell('ended');
    else if (status === 'pending') this.#tell('waiting');
    else {
      this.#tell('connecting');
      this.#run = new AbortController();
      void this.#show(attempt, this.#run.signal);
    }
  }

  async #show(attempt: number, signal: AbortSignal): Promise<void> {
    const { sources, jobId, size } = this.#o;
    while (!signal.aborted) {
      const receive = (jpeg: Buffer) => {
        if (signal.aborted) return;
        this.#tell('live');
        if (jpeg.length === 0) return;
        this.#picture = picturePart({ jobId, attempt, jpeg });
        for (const viewer of this.#viewers) viewer.onPicture(jobId, this.#picture);
      };
      try {
        await sources.ask({ jobId, attempt, size }, receive, signal);
      } catch (error) {
        this.#o.onError(error);
      }
      if (signal.aborted) return;
      this.#tell('connecting');
      await pause(RETRY_MS, signal);
    }
  }

  #tell(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const viewer of this.#viewers) viewer.onState(this.#standing);
  }
}
