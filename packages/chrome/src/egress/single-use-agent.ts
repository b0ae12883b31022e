import { Agent, type ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The most that a site may send before its answer begins, in bytes. Node takes no head that is longer than 16 KB. */
const MAX_ANNOUNCEMENTS = 100_000;

/**
 * Connects for one plain request of the browser, and shares the connection with no other: each was evaluated for itself.
 * If the site cannot be reached, or hangs up without a word, so does the proxy: Chrome then reports a failure, where
 * it would show an answer of the proxy as if it were the site's. A site that announces its answer (1xx) without end is left:
 * to read that costs much, and nothing of it reaches the browser, so it is in no budget.
 */
export class SingleUseAgent extends Agent {
  readonly #client: Socket;

  /** @param client the browser's end */
  constructor(client: Socket) {
    super({ keepAlive: false });
    this.#client = client;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const site = super.createConnection(options, callback);
    // Before the request's own listeners, which would answer.
    site?.once('error', () => this.#client.destroy());
    site?.once('end', () => {
      if (site instanceof Socket && site.bytesRead === 0) this.#client.destroy();
    });
    const writtenBefore = this.#client.bytesWritten;
    let announced = 0;
    site?.on('data', (chunk: Buffer) => {
      // Of what came before this, since an answer may come with all that it holds.
      if (announced > MAX_ANNOUNCEMENTS && this.#client.bytesWritten === writtenBefore)
        this.#client.destroy();
      announced += chunk.length;
    });
    return site;
  }
}
