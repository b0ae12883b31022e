import { ApiError } from '../errors/api-error.ts';

const STREAMS_PER_USER = 20;

/** Counts the open streams of each user. */
export class WatchLimits {
  readonly #open = new Map<string, number>();

  /** Takes a place until it is disposed of. @throws {ApiError} RATE_LIMITED */
  enter(userId: string): Disposable {
    const count = this.#open.get(userId) ?? 0;
    if (count >= STREAMS_PER_USER) {
      throw new ApiError(
        429,
        'RATE_LIMITED',
        `You watch ${STREAMS_PER_USER} jobs already. Close some of the pages.`,
      );
    }
    this.#open.set(userId, count + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#open.get(userId) ?? 1) - 1;
        if (left === 0) this.#open.delete(userId);
        else this.#open.set(userId, left);
      },
    };
  }
}
