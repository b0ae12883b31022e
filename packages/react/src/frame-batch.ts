import type { JobEvent } from '@gantry/client';

import { isTabShown } from './tab-visibility.ts';

/** Gathers events and hands them over once a frame: a job may report hundreds of rows in a second. */
export class FrameBatch {
  #events: JobEvent[] = [];
  #isPlanned = false;
  readonly #hand: (events: JobEvent[]) => void;
  readonly #signal: AbortSignal;

  /** @param signal after which nothing is handed over any more */
  constructor(hand: (events: JobEvent[]) => void, signal: AbortSignal) {
    this.#hand = hand;
    this.#signal = signal;
  }

  /** Hands an event over, soon. */
  add(event: JobEvent): void {
    this.#events.push(event);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // A hidden page draws no frames, but must not gather for ever.
    if (isTabShown()) requestAnimationFrame(() => this.flush());
    else setTimeout(() => this.flush(), 500);
  }

  /** Hands over at once what has been gathered. */
  flush(): void {
    this.#isPlanned = false;
    const events = this.#events;
    this.#events = [];
    if (events.length > 0 && !this.#signal.aborted) this.#hand(events);
  }
}
