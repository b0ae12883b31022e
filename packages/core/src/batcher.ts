import { GantryError } from './errors.ts';

/** How a batcher works. */
export type BatcherOptions<Item, Result> = {
  /** Does many at once. Answers in their order; what is refused of one is its own answer. */
  run: (items: Item[]) => Promise<(Result | GantryError)[]>;
  /** Items of one batch at most. */
  maxSize: number;
  /** Batches under way at most: while one waits for the disk, another can be on its way. */
  maxUnderWay?: number;
};

type Waiting<Item, Result> = { item: Item; answer: PromiseWithResolvers<Result> };

/**
 * Makes one statement of calls that come at the same time. A call that comes alone goes at once; those that come while
 * batches are under way wait for the next one.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  readonly #maxUnderWay: number;
  #waiting: Waiting<Item, Result>[] = [];
  #underWay = 0;

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
    this.#maxUnderWay = options.maxUnderWay ?? 2;
  }

  /** Resolves when the item's batch is done. @throws what `run` throws, or answers of this item */
  add(item: Item): Promise<Result> {
    const answer = Promise.withResolvers<Result>();
    this.#waiting.push({ item, answer });
    this.#start();
    return answer.promise;
  }

  #start(): void {
    if (this.#underWay >= this.#maxUnderWay || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, this.#options.maxSize);
    this.#underWay++;
    void this.#run(batch).finally(() => {
      this.#underWay--;
      this.#start();
    });
  }

  async #run(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const answers = await this.#options.run(batch.map(({ item }) => item));
      for (const [index, { answer }] of batch.entries()) {
        const result = answers[index];
        if (result === undefined) answer.reject(new TypeError('A batch left an item without an answer.'));
        else if (result instanceof GantryError) answer.reject(result);
        else answer.resolve(result);
      }
    } catch (error) {
      const [only, ...others] = batch;
      if (only && others.length === 0) only.answer.reject(error);
      // A value that cannot be stored fails the whole statement; retrying one by one refuses only that value.
      else if (error instanceof GantryError && error.code === 'VALUE_INVALID') {
        for (const one of batch) await this.#run([one]);
      } else for (const { answer } of batch) answer.reject(error);
    }
  }
}
