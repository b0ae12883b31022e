import { ChromeError } from '../chrome-error.ts';

/** Tells when a job has asked nothing of its browser, and nothing has passed over the network, for too long. */
export class IdleWatch {
  readonly #activity: () => number;
  readonly #idleTimeoutMs: number;
  readonly #onIdle: (error: ChromeError) => void;
  #last: { activity: number; at: number };

  /**
   * @param o.activity a number that grows with all that is done
   * @param o.onIdle called with BROWSER_IDLE
   */
  constructor(o: { activity: () => number; idleTimeoutMs: number; onIdle: (error: ChromeError) => void }) {
    this.#activity = o.activity;
    this.#idleTimeoutMs = o.idleTimeoutMs;
    this.#onIdle = o.onIdle;
    this.#last = { activity: o.activity(), at: performance.now() };
  }

  /** To be called now and then: what is done between two looks is noticed at the second. */
  look(): void {
    const activity = this.#activity();
    if (activity !== this.#last.activity) this.#last = { activity, at: performance.now() };
    if (performance.now() - this.#last.at > this.#idleTimeoutMs) {
      const message =
        'The job asked nothing of its browser for too long and was ended. Another attempt may succeed.';
      this.#onIdle(new ChromeError('BROWSER_IDLE', message));
    }
  }
}
