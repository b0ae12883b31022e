import { sumOf } from './run-times.ts';

/** Places in which jobs run one after the other; each job takes the place that is free first. */
export class Lanes {
  /** When each is free, in milliseconds from now, the first one first. */
  readonly #freeAt: number[];

  /** @param busyMs how long each running job takes yet; of more jobs than lanes, those that end first free none */
  constructor(lanes: number, busyMs: readonly number[]) {
    const busy = busyMs.toSorted((a, b) => a - b).slice(Math.max(0, busyMs.length - lanes));
    this.#freeAt = [...Array<number>(lanes - busy.length).fill(0), ...busy];
  }

  /** When the next job starts. */
  get nextStartMs(): number {
    return this.#freeAt[0] ?? 0;
  }

  /** Runs a job. */
  add(runMs: number): void {
    const endMs = (this.#freeAt.shift() ?? 0) + runMs;
    let low = 0;
    let high = this.#freeAt.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#freeAt[middle] ?? 0) < endMs) low = middle + 1;
      else high = middle;
    }
    this.#freeAt.splice(low, 0, endMs);
  }

  /** Runs so much work that no single job of it matters: it fills the lanes evenly, like water. */
  pour(workMs: number): void {
    let filled = this.#freeAt.length;
    let levelMs = 0;
    do {
      levelMs = (sumOf(this.#freeAt.slice(0, filled)) + workMs) / filled;
    } while (levelMs < (this.#freeAt[filled - 1] ?? 0) && --filled > 0);
    this.#freeAt.fill(levelMs, 0, filled);
  }
}
