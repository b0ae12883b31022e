import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const LONGEST_BACKOFF_MS = 10_000;
/** A child that ends sooner than this again and again will not start by trying more. */
const MOST_EARLY_ENDS = 3;

/** A process of ours that is kept running. It ends by itself when this process is gone: the channel closes. */
export class Child implements AsyncDisposable {
  readonly #options: { name: string; script: string; env: NodeJS.ProcessEnv; isWatching: boolean };
  readonly #ready = Promise.withResolvers<void>();
  readonly #gaveUp = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #process: ChildProcess | null = null;
  #earlyEnds = 0;
  hasGivenUp = false;
  readonly #running: Promise<void>;

  constructor(options: { name: string; script: string; env: NodeJS.ProcessEnv; isWatching: boolean }) {
    this.#options = options;
    this.#running = this.#keepRunning();
  }

  /** Resolves when it says for the first time that it is ready. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when it could not be started at all. */
  get gaveUp(): Promise<void> {
    return this.#gaveUp.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#process?.kill('SIGTERM');
    await this.#running;
  }

  async #keepRunning(): Promise<void> {
    const { name, script, env, isWatching } = this.#options;
    let backoffMs = 250;
    while (!this.#stop.signal.aborted) {
      // In a session of its own: Ctrl-C in a terminal reaches the parent, which stops its children in order.
      const child = fork(script, {
        env,
        detached: true,
        execArgv: isWatching ? ['--watch-preserve-output', '--watch'] : [],
      });
      this.#process = child;
      let wasReady = false;
      child.on('message', (message) => {
        if (message !== 'ready') return;
        wasReady = true;
        backoffMs = 250;
        this.#ready.resolve();
      });
      const [code, signal]: unknown[] = await once(child, 'exit');
      if (this.#stop.signal.aborted) return;
      this.#earlyEnds = wasReady ? 0 : this.#earlyEnds + 1;
      if (this.#earlyEnds === MOST_EARLY_ENDS || (code === 1 && !wasReady && this.#earlyEnds === 1)) {
        this.hasGivenUp = true;
        this.#gaveUp.resolve();
        return;
      }
      process.stderr.write(`gantry: the ${name} ended (${String(signal ?? code)}) and is started again\n`);
      await new Promise((resolve) => setTimeout(resolve, backoffMs));
      backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
    }
  }
}
