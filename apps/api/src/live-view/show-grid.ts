import { findRunning, pause } from '@gantry/core';
import type pg from 'pg';

import type { LiveStream } from './live-stream.ts';
import type { LiveViewer } from './live-view.ts';
import type { LiveViews } from './live-views.ts';

const REFRESH_MS = 2_000;
/** More than fit on a screen, and what workers and lines can bear. */
const MAX_JOBS = 24;

/** Shows all that runs, small and slow, as it comes and goes, until the signal is aborted. */
export async function showGrid(o: {
  pool: pg.Pool;
  views: LiveViews;
  stream: LiveStream;
  signal: AbortSignal;
  onError: (error: unknown) => void;
}): Promise<void> {
  const { views, stream, signal } = o;
  const shown = new Map<string, Disposable>();
  // That one of them has ended does not end the stream.
  const viewer: LiveViewer = {
    onState: ({ jobId, ...standing }) => stream.say(`state ${jobId}`, { type: 'state', jobId, ...standing }),
    onPicture: (jobId, part) => stream.onPicture(jobId, part),
  };
  let last = '';
  try {
    while (!signal.aborted) {
      try {
        const jobs = await findRunning(o.pool, MAX_JOBS);
        const list = JSON.stringify(jobs);
        if (list !== last) stream.say('jobs', { type: 'jobs', jobs });
        last = list;
        const running = new Set(jobs.map(({ jobId }) => jobId));
        for (const [jobId, view] of shown) {
          if (running.has(jobId)) continue;
          view[Symbol.dispose]();
          shown.delete(jobId);
        }
        for (const jobId of running)
          if (!shown.has(jobId)) shown.set(jobId, views.join({ jobId, size: 'small' }, viewer));
      } catch (error) {
        o.onError(error);
      }
      await pause(REFRESH_MS, signal);
    }
  } finally {
    for (const view of shown.values()) view[Symbol.dispose]();
  }
}
