import { drawNormal } from './random.ts';

/** With fewer attempts than this a service's past says little. */
const ENOUGH_ATTEMPTS = 5;
/** Stands in for missing attempts: about a minute, now and then much longer. */
const GUESSES_MS = [10_000, 30_000, 60_000, 180_000, 600_000];
/** How far the pace of the rest of an attempt is from that of its beginning. */
const PACE_SPREAD = 0.4;
/** The sum of more draws than this is as good as normally distributed. */
const MAX_DRAWS = 16;

/** How long attempts of one service take, by what is known of earlier ones. */
export class RunTimes {
  /** Of earlier attempts, the shortest first. */
  readonly #runMs: readonly number[];
  readonly #mean: number;
  readonly #deviation: number;
  readonly #timeoutMs: number;
  readonly #random: () => number;
  /** How much longer or shorter all are than the past lets one expect. */
  #drift = 1;

  /** @param runMs of the newest attempts; may be empty */
  constructor(runMs: readonly number[], timeoutMs: number, random: () => number) {
    const guesses =
      runMs.length >= ENOUGH_ATTEMPTS ? [] : GUESSES_MS.map((guessMs) => Math.min(guessMs, timeoutMs));
    this.#runMs = [...runMs, ...guesses].sort((a, b) => a - b);
    this.#mean = sumOf(this.#runMs) / this.#runMs.length;
    const variance = sumOf(this.#runMs.map((ms) => (ms - this.#mean) ** 2)) / this.#runMs.length;
    this.#deviation = Math.sqrt(variance);
    // A worker may have been given another time-out than the service has.
    this.#timeoutMs = Math.max(timeoutMs, this.#runMs.at(-1) ?? 0);
    this.#random = random;
  }

  /** Supposes that the mean is another than that of the past: the fewer attempts are known, the farther from it. */
  drawDrift(): void {
    const error = this.#mean === 0 ? 0 : this.#deviation / this.#mean / Math.sqrt(this.#runMs.length);
    this.#drift = Math.max(0.2, 1 + error * drawNormal(this.#random));
  }

  /** How long one attempt takes. */
  draw(): number {
    return Math.min(this.#timeoutMs, this.#drift * this.#pick(0));
  }

  /** How much longer an attempt takes that runs already. @param done the part of its work that is done, if known */
  drawRest({ elapsedMs, done }: { elapsedMs: number; done: number | null }): number {
    const most = Math.max(0, this.#timeoutMs - elapsedMs);
    if (done) {
      const paceError = Math.exp(PACE_SPREAD * Math.sqrt(1 - done) * drawNormal(this.#random));
      return Math.min(most, ((elapsedMs * (1 - done)) / done) * paceError);
    }
    const longer = this.#firstLongerThan(elapsedMs);
    if (longer < this.#runMs.length) return Math.min(most, this.#drift * (this.#pick(longer) - elapsedMs));
    // It outlasts all that are known. What has lasted long may last as long again, within its time-out.
    return this.#random() * Math.min(elapsedMs, most);
  }

  /** How long so many attempts take one after the other. */
  drawSum(attempts: number): number {
    if (attempts > MAX_DRAWS) {
      const sum = attempts * this.#mean + Math.sqrt(attempts) * this.#deviation * drawNormal(this.#random);
      return this.#drift * Math.max(0, sum);
    }
    let sum = 0;
    for (let n = 0; n < attempts; n++) sum += this.draw();
    return sum;
  }

  #pick(from: number): number {
    return this.#runMs[from + Math.floor(this.#random() * (this.#runMs.length - from))] ?? 0;
  }

  #firstLongerThan(elapsedMs: number): number {
    let low = 0;
    let high = this.#runMs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runMs[middle] ?? 0) <= elapsedMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The sum of numbers. */
export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
