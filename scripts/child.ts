import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import { pause } from '@gantry/core';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A child that ends so often before it was ever ready will not start by trying more. */
const MAX_FAILED_STARTS = 3;
/** Longer than any child's own time-outs: one that is still there then has lost its way. */
const STOP_MS = 60_000;

/** What is run. */
export type ChildOptions = {
  /** What it is called in messages. */
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  /** Whether it begins anew when its sources change. */
  isWatching: boolean;
};

/** A process of ours that is kept running. It ends by itself when this process is gone: the channel closes. */
export class Child implements AsyncDisposable {
  readonly #options: ChildOptions;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #process: ChildProcess | null = null;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#running = this.#keepRunning();
    this.#ready.promise.catch(() => {});
  }

  /** Resolves when it says for the first time that it is ready. Rejects when it could not be started at all. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Asks it to end, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#process?.kill('SIGTERM');
    const lost = setTimeout(() => this.#process?.kill('SIGKILL'), STOP_MS);
    await this.#running;
    clearTimeout(lost);
  }

  async #keepRunning(): Promise<void> {
    const { name } = this.#options;
    let backoffMs = FIRST_BACKOFF_MS;
    let wasEverReady = false;
    for (let failedStarts = 0; ; ) {
      const { end, isRefusal, wasReady } = await this.#runOnce();
      if (this.#stop.signal.aborted) return;
      wasEverReady ||= wasReady;
      failedStarts = wasReady ? 0 : failedStarts + 1;
      if (wasReady) backoffMs = FIRST_BACKOFF_MS;
      // It has said why in a line of its own.
      if (!wasEverReady && (isRefusal || failedStarts === MAX_FAILED_STARTS)) {
        this.#ready.reject(new Error(`The ${name} could not be started.`));
        return;
      }
      process.stderr.write(`gantry: the ${name} ended (${end}) and is started again\n`);
      await pause(backoffMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
    }
  }

  async #runOnce(): Promise<{ end: string; isRefusal: boolean; wasReady: boolean }> {
    const { script, env, isWatching } = this.#options;
    const child = fork(script, {
      env,
      // In a session of its own: Ctrl-C in a terminal reaches the parent, which stops its children in order.
      detached: true,
      // Standard output is the parent's alone: its first line says that everything is ready.
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
      execArgv: isWatching ? ['--watch-preserve-output', '--watch'] : [],
    });
    this.#process = child;
    let wasReady = false;
    child.on('message', (message) => {
      if (message !== 'ready') return;
      wasReady = true;
      this.#ready.resolve();
    });
    const [code, signal]: unknown[] = await once(child, 'exit');
    return { end: String(signal ?? code), isRefusal: code === 1 && !wasReady, wasReady };
  }
}
