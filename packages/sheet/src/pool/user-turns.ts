/**
 * Runs a few tasks at a time. Each user has one running at most, and users with waiting tasks take turns: however much
 * one of them asks for, another waits only for what is running.
 */
export class UserTurns {
  readonly #max: number;
  readonly #running = new Set<string>();
  // Users in the order of their turns, the tasks of each in the order in which they came.
  readonly #waiting = new Map<string, (() => void)[]>();

  /** @param max how many tasks run at a time */
  constructor(max: number) {
    this.#max = max;
  }

  /** Runs a task at the user's turn. @throws the reason of `signal` if it is aborted before that */
  async run<T>(user: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    await this.#turn(user, signal);
    try {
      return await task();
    } finally {
      this.#running.delete(user);
      this.#moveToEnd(user);
      this.#startNext();
    }
  }

  async #turn(user: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve: start, reject } = Promise.withResolvers<void>();
    const leave = () => {
      const rest = (this.#waiting.get(user) ?? []).filter((other) => other !== start);
      this.#setWaiting(user, rest);
      reject(signal.reason);
    };
    this.#setWaiting(user, [...(this.#waiting.get(user) ?? []), start]);
    signal.addEventListener('abort', leave, { once: true });
    this.#startNext();
    await promise;
    signal.removeEventListener('abort', leave);
  }

  #startNext(): void {
    for (const [user, [start, ...rest]] of this.#waiting) {
      if (this.#running.size >= this.#max) return;
      if (!start || this.#running.has(user)) continue;
      this.#running.add(user);
      this.#setWaiting(user, rest);
      start();
    }
  }

  #moveToEnd(user: string): void {
    const tasks = this.#waiting.get(user) ?? [];
    this.#waiting.delete(user);
    this.#setWaiting(user, tasks);
  }

  #setWaiting(user: string, tasks: (() => void)[]): void {
    if (tasks.length > 0) this.#waiting.set(user, tasks);
    else this.#waiting.delete(user);
  }
}
