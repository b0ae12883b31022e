import { ApiError } from '../errors/api-error.ts';

// What lasts is counted while it does; the limit on requests sees only its beginning.
const RETRY_AFTER_SECONDS = 5;
const MAX = {
  watch: { count: 20, message: 'You watch 20 jobs already. Close some of the pages.' },
  live: { count: 10, message: 'You look at 10 running pages already. Close some of them.' },
  upload: { count: 4, message: 'Four of your files are being uploaded or checked. Wait until one is done.' },
};

/** Counts what each user has open at this moment. */
export class UserLimits {
  readonly #open = new Map<string, number>();

  /** Takes a place until it is disposed of. @throws {ApiError} RATE_LIMITED */
  enter(what: keyof typeof MAX, userId: string): Disposable {
    const key = `${what} ${userId}`;
    const count = this.#open.get(key) ?? 0;
    if (count >= MAX[what].count) {
      throw new ApiError(429, 'RATE_LIMITED', MAX[what].message, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#open.set(key, count + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#open.get(key) ?? 1) - 1;
        if (left === 0) this.#open.delete(key);
        else this.#open.set(key, left);
      },
    };
  }
}
