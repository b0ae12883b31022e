import type { ChromeError } from '../chrome-error.ts';
import type { EgressPolicy } from '../egress/egress-policy.ts';
import { overBudget } from '../egress/traffic-meter.ts';

/** Counts what the pages of a browser elsewhere ask for and receive, as that browser reports it, against a budget. */
export class RemoteMeter {
  readonly #budget: Pick<EgressPolicy, 'maxBytes' | 'maxRequests'>;
  readonly #onOverBudget: (error: ChromeError) => void;
  #requests = 0;
  #received = 0;

  constructor(
    budget: Pick<EgressPolicy, 'maxBytes' | 'maxRequests'>,
    onOverBudget: (error: ChromeError) => void,
  ) {
    this.#budget = budget;
    this.#onOverBudget = onOverBudget;
  }

  /** Grows with all that passes. */
  get activity(): number {
    return this.#requests + this.#received;
  }

  /** Counts a request that is about to be made. @returns whether it may be: after one too many none may */
  countRequest(): boolean {
    this.#requests += 1;
    return this.#isWithin();
  }

  /** Counts bytes that came, without headers and unpacked. */
  countReceived(bytes: number): void {
    this.#received += bytes;
    this.#isWithin();
  }

  #isWithin(): boolean {
    const { maxBytes = Infinity, maxRequests = Infinity } = this.#budget;
    const isWithin = this.#requests <= maxRequests && this.#received <= maxBytes;
    if (!isWithin) this.#onOverBudget(overBudget());
    return isWithin;
  }
}
