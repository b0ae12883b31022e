import { GantryApiError, type GantryClient, isFinished, type JobEvent } from '@gantry/client';
import { useEffect, useState } from 'react';

import { useGantryClient } from './gantry-provider.tsx';
import { type LiveJob, reduceJobEvents, UNKNOWN_JOB } from './live-job.ts';

/** Place and wait of a pending job change without an event of its own. */
const REFRESH_MS = 5_000;
const RETRY_MS = 3_000;

/** A job, live: its state, rows, log and files as they come. Goes on by itself when the server can be reached again. */
export function useJob(jobId: string): LiveJob {
  const client = useGantryClient();
  const [shown, setShown] = useState({ jobId, live: UNKNOWN_JOB });
  useEffect(() => {
    const abort = new AbortController();
    void follow(client, jobId, abort.signal, (change) =>
      setShown((before) => ({ jobId, live: change(before.jobId === jobId ? before.live : UNKNOWN_JOB) })),
    );
    return () => {
      abort.abort();
      setShown({ jobId, live: UNKNOWN_JOB });
    };
  }, [client, jobId]);
  return shown.jobId === jobId ? shown.live : UNKNOWN_JOB;
}

async function follow(
  client: GantryClient,
  jobId: string,
  signal: AbortSignal,
  apply: (change: (live: LiveJob) => LiveJob) => void,
): Promise<void> {
  const read = async () => {
    const job = await client.jobs.status(jobId);
    if (!signal.aborted)
      apply((live) => ({
        ...live,
        job: live.job && live.job.eventSeq > job.eventSeq ? live.job : job,
        error: null,
      }));
    return job;
  };
  const batch = new FrameBatch((events) => apply((live) => reduceJobEvents(live, events)), signal);
  const refresh = setInterval(() => {
    // A refusal comes to light in the watch, which also tells of lost connections.
    read()
      .then((job) => job.status === 'pending' || clearInterval(refresh))
      .catch(() => {});
  }, REFRESH_MS);
  let afterSeq = 0;
  const watch = async () => {
    await read();
    const events = client.jobs.watch(jobId, {
      signal,
      afterSeq,
      onConnection: (connection) => {
        if (!signal.aborted)
          apply((live) => ({ ...live, connection: navigator.onLine ? connection : 'offline' }));
      },
    });
    for await (const event of events) {
      afterSeq = event.seq;
      batch.add(event);
      // The snapshot has what events do not tell: when it expires, how many attempts were used.
      if (event.type === 'state' && (isFinished(event.data.to) || event.data.to === 'pending')) {
        batch.flush();
        await read();
      }
    }
  };
  try {
    while (!signal.aborted) {
      try {
        return await watch();
      } catch (error) {
        if (signal.aborted) return;
        const shown = error instanceof Error ? error : new Error(String(error));
        const isUnreachable = error instanceof GantryApiError && error.status === 0;
        apply((live) => ({ ...live, error: shown, connection: isUnreachable ? 'offline' : live.connection }));
        if (!isUnreachable) return;
        await untilWorthATry(signal);
      }
    }
  } finally {
    clearInterval(refresh);
    batch.flush();
  }
}

/** Waits until the browser is online again, and no longer than a few seconds: it may be the server that was away. */
function untilWorthATry(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const waited = new AbortController();
    const done = () => {
      clearTimeout(timer);
      waited.abort();
      resolve();
    };
    const timer = setTimeout(done, RETRY_MS);
    window.addEventListener('online', done, { signal: waited.signal });
    signal.addEventListener('abort', done, { signal: waited.signal });
  });
}

/** Gathers events and hands them over once a frame: a job may report hundreds of rows in a second. */
class FrameBatch {
  #events: JobEvent[] = [];
  #isPlanned = false;
  readonly #hand: (events: JobEvent[]) => void;
  readonly #signal: AbortSignal;

  constructor(hand: (events: JobEvent[]) => void, signal: AbortSignal) {
    this.#hand = hand;
    this.#signal = signal;
  }

  add(event: JobEvent): void {
    this.#events.push(event);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // A hidden page draws no frames, but must not gather for ever.
    if (document.visibilityState === 'visible') requestAnimationFrame(() => this.flush());
    else setTimeout(() => this.flush(), 500);
  }

  flush(): void {
    this.#isPlanned = false;
    const events = this.#events;
    this.#events = [];
    if (events.length > 0 && !this.#signal.aborted) this.#hand(events);
  }
}
