import { GantryApiError, type GantryClient, isFinished, type JobEvent } from '@gantry/client';
import { useEffect, useState } from 'react';

import { useGantryClient } from './gantry-provider.tsx';
import { type LiveJob, reduceJobEvents, UNKNOWN_JOB } from './live-job.ts';

/** Place and wait of a pending job change without an event of its own. */
const REFRESH_MS = 5_000;

/** A job, live: its state, rows, log and files as they come. */
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
  try {
    await read();
    const events = client.jobs.watch(jobId, {
      signal,
      onConnection: (connection) => {
        if (!signal.aborted)
          apply((live) => ({ ...live, connection: navigator.onLine ? connection : 'offline' }));
      },
    });
    for await (const event of events) {
      batch.add(event);
      // The snapshot has what events do not tell: when it expires, how many attempts were used.
      if (event.type === 'state' && (isFinished(event.data.to) || event.data.to === 'pending')) {
        batch.flush();
        await read();
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    const shown = error instanceof Error ? error : new Error(String(error));
    const isLost = error instanceof GantryApiError && error.status === 0;
    apply((live) => ({ ...live, error: shown, connection: isLost ? 'offline' : live.connection }));
  } finally {
    clearInterval(refresh);
    batch.flush();
  }
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
