import type { EventHub, LiveSize } from '@gantry/core';
import type pg from 'pg';

import { FrameSources } from './frame-sources.ts';
import { LiveView, type LiveViewer } from './live-view.ts';

/** Who opens a page again finds the view as it was. */
const LINGER_MS = 3_000;

/** What the views of a process are made of. */
export type LiveViewsOptions = {
  pool: pg.Pool;
  hub: EventHub;
  /** Where workers reach this process. */
  url: () => string;
  onError: (error: unknown) => void;
};

/** The jobs that are looked at through this process: one view for all who look at the same job in the same size. */
export class LiveViews implements Disposable {
  readonly sources: FrameSources;
  readonly #o: LiveViewsOptions;
  readonly #views = new Map<string, { view: LiveView; linger: NodeJS.Timeout | null }>();

  constructor(o: LiveViewsOptions) {
    this.#o = o;
    this.sources = new FrameSources(o);
  }

  /** How many jobs are looked at, or were until a moment ago. */
  get count(): number {
    return this.#views.size;
  }

  /** Looks at a job until it is disposed of. Whether the viewer may is for others to decide. */
  join(o: { jobId: string; size: LiveSize }, viewer: LiveViewer): Disposable {
    const key = `${o.jobId}/${o.size}`;
    let entry = this.#views.get(key);
    if (!entry || entry.view.hasEnded) {
      entry?.view[Symbol.dispose]();
      entry = { view: new LiveView({ ...this.#o, ...o, sources: this.sources }), linger: null };
      this.#views.set(key, entry);
    }
    const { view } = entry;
    const joined = entry;
    if (joined.linger) clearTimeout(joined.linger);
    view.add(viewer);
    return {
      [Symbol.dispose]: () => {
        view.remove(viewer);
        if (view.viewerCount > 0) return;
        joined.linger = setTimeout(() => {
          view[Symbol.dispose]();
          if (this.#views.get(key) === joined) this.#views.delete(key);
        }, LINGER_MS);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const { view, linger } of this.#views.values()) {
      if (linger) clearTimeout(linger);
      view[Symbol.dispose]();
    }
    this.#views.clear();
  }
}
