import { type AttemptRef, type LiveRequest, takeLiveViews } from '@gantry/core';
import type { Page } from 'puppeteer-core';

import type { WorkerDeps } from '../worker-deps.ts';
import { sendLiveView } from './send-live-view.ts';

/** However many look, the attempts come first. */
const MAX_VIEWS = 24;

type Stage = { attempt: AttemptRef; page: Page; closed: AbortController };

/**
 * Sends pictures of running jobs while there are viewers: it looks for requests after a notification of
 * one, when a browser has opened and, while a job runs, now and then as a fallback.
 */
export class LiveViews implements AsyncDisposable {
  readonly #deps: Pick<WorkerDeps, 'config' | 'pool' | 'log'>;
  readonly #workerId: string;
  readonly #stages = new Map<string, Stage>();
  readonly #views = new Set<Promise<void>>();
  readonly #poll: NodeJS.Timeout;
  #looking: Promise<void> | null = null;
  #isLookWanted = false;

  constructor(deps: Pick<WorkerDeps, 'config' | 'pool' | 'log'>, o: { workerId: string }) {
    this.#deps = deps;
    this.#workerId = o.workerId;
    this.#poll = setInterval(() => this.#look(), deps.config.pollIntervalMs);
  }

  /** The browser of an attempt has opened; it may be shown until it is gone. */
  open({ jobId, attempt }: AttemptRef, page: Page): void {
    if (!page.browser().connected) return;
    const key = keyOf({ jobId, attempt });
    const stage = { attempt: { jobId, attempt }, page, closed: new AbortController() };
    this.#stages.set(key, stage);
    page.browser().once('disconnected', () => {
      this.#stages.delete(key);
      stage.closed.abort();
    });
    this.#look();
  }

  /** A viewer requests a job; it may be another worker's. */
  hear(jobId: string): void {
    if ([...this.#stages.values()].some(({ attempt }) => attempt.jobId === jobId)) this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll);
    for (const { closed } of this.#stages.values()) closed.abort();
    this.#stages.clear();
    await this.#looking;
    await Promise.all(this.#views);
  }

  #look(): void {
    this.#isLookWanted = true;
    this.#looking ??= this.#takeAll().finally(() => {
      this.#looking = null;
    });
  }

  async #takeAll(): Promise<void> {
    // What is asked during a look may have come too late for it.
    while (this.#isLookWanted) {
      this.#isLookWanted = false;
      const limit = MAX_VIEWS - this.#views.size;
      if (this.#stages.size === 0 || limit <= 0) continue;
      const held = Array.from(this.#stages.values(), ({ attempt }) => attempt);
      try {
        const requests = await takeLiveViews(this.#deps.pool, { workerId: this.#workerId, held, limit });
        for (const request of requests) this.#begin(request);
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'requests for live views could not be read');
      }
    }
  }

  #begin(request: LiveRequest): void {
    const stage = this.#stages.get(keyOf(request));
    if (!stage) return;
    const { jobId, attempt, size } = request;
    const log = this.#deps.log.child({ jobId, attempt, size });
    log.info('a live view begins');
    const view = sendLiveView(request, stage.page, stage.closed.signal)
      .then((why) => log.info({ why }, 'the live view has ended'))
      .finally(() => this.#views.delete(view));
    this.#views.add(view);
  }
}

function keyOf({ jobId, attempt }: AttemptRef): string {
  return `${jobId}/${attempt}`;
}
