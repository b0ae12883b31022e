import { Resolver } from 'node:dns/promises';

import type { Address } from './pinned-lookup.ts';

/** How long a server of names is waited for, at the first of two tries. */
const TIMEOUT_MS = 3_000;

/**
 * Resolves the names that pages of one browser lead to, by DNS alone. The system's way of resolving takes one of a few
 * threads for each name until it is answered: a page with names that no server answers would delay every other
 * name of this process, those of the database and of other jobs among them.
 */
export class PublicNames {
  readonly #resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });

  /** @param servers addresses of the servers that are asked; those of the system by default */
  constructor(servers?: string[]) {
    if (servers) this.#resolver.setServers(servers);
  }

  /** Finds all addresses of a name. @throws {Error} if it has none, or if no server answers */
  async resolve(hostname: string): Promise<Address[]> {
    const answers = await Promise.allSettled([
      this.#resolver.resolve4(hostname),
      this.#resolver.resolve6(hostname),
    ]);
    const found = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled'
        ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 }))
        : [],
    );
    const failed = answers.find(({ status }) => status === 'rejected');
    if (found.length === 0 && failed?.status === 'rejected') throw failed.reason;
    return found;
  }

  /** Gives up what is not answered yet. */
  [Symbol.dispose](): void {
    this.#resolver.cancel();
  }
}
