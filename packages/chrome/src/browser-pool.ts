import { beginSession, type ChromeSession, type SessionOptions } from './chrome-session.ts';
import { type LaunchSettings, launchKey } from './launch-arguments.ts';
import { launchBrowser } from './launch-browser.ts';
import type { OpenBrowser, OpenOptions } from './open-browser.ts';
import { isAlive, openSpare } from './spare.ts';
import { unlessAborted } from './unless-aborted.ts';

/** After a spare was taken: the first page of its job comes first. */
const REFILL_AFTER_MS = 50;
const DEFAULTS = {
  maxSpareAgeMs: 300_000,
  maxSpareMemoryBytes: 500_000_000,
  minFreeMemoryBytes: 1_000_000_000,
  inspectIntervalMs: 10_000,
};

/** What a pool is made of. */
export type BrowserPoolOptions = Omit<OpenOptions, 'signal'> & {
  workerId: string;
  /** How many browsers are kept launched ahead of each kind that is asked for; 0 for none. */
  spares: number;
  /**
   * Spares that are older are replaced, and none are kept of a kind that no job has asked for in this time: five minutes
   * by default.
   */
  maxSpareAgeMs?: number;
  /** A spare whose tree uses more is replaced: 500 MB by default. */
  maxSpareMemoryBytes?: number;
  /** With less memory to spare on the machine, or in its container, none is kept: 1 GB by default. */
  minFreeMemoryBytes?: number;
  /** How often the spares are looked at: ten seconds by default. */
  inspectIntervalMs?: number;
  /** Told what went wrong with a spare. Jobs launch their own then. */
  onError?: (error: unknown) => void;
};

/** For whom a browser is taken, what it may do, and what it must be launched with if not with the pool's settings. */
export type TakeOptions = SessionOptions & {
  launch?: LaunchSettings | undefined;
  signal?: AbortSignal | undefined;
};

/** Browsers, each for one attempt and never for a second one. */
export type BrowserPool = {
  /**
   * Gives a browser to an attempt: a spare if there is a live one with the same launch settings, else one that is
   * launched now. From then on there are spares with these settings too.
   *
   * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
   * @throws the signal's reason, if it was aborted
   */
  take(o: TakeOptions): Promise<ChromeSession>;
  /** How many spares there are that could be taken now. */
  readonly spares: number;
  /** Resolves when no spare is being launched: then all are there, or there can be none at the moment. */
  settled(): Promise<void>;
  /** Ends the spares. Browsers that were taken are their takers' to end. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Browsers that are launched in the same way, and when one was wished for last. */
type Kind = { launch: LaunchSettings; wishedAt: number };

/** A browser that is launched ahead. `opening` is null in the end if it could not be. */
type Spare = {
  kind: string;
  opening: Promise<OpenBrowser | null>;
  open: OpenBrowser | null;
  openSince: number;
  /** Whether a job waits for it. */
  isAwaited: boolean;
};

/** Opens a pool, which begins to launch its spares. It waits for none of them. */
export async function openBrowserPool(o: BrowserPoolOptions): Promise<BrowserPool> {
  return new SparePool({ ...DEFAULTS, ...o });
}

class SparePool implements BrowserPool {
  readonly #o: BrowserPoolOptions & typeof DEFAULTS;
  /** By their launch keys, the pool's own first: of each there are to be spares. */
  readonly #kinds = new Map<string, Kind>();
  readonly #ownKind: string;
  readonly #spares = new Set<Spare>();
  /** Launches, and ends of spares, that the end of the pool waits for: also the launch that a taker waits for. */
  readonly #pending = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #inspecting: NodeJS.Timeout;

  constructor(o: BrowserPoolOptions & typeof DEFAULTS) {
    this.#o = o;
    this.#ownKind = this.#wish(o);
    this.#inspecting = setTimeout(() => void this.#inspect(), o.inspectIntervalMs);
    this.#refill();
  }

  get spares(): number {
    return [...this.#spares].filter(({ open }) => open).length;
  }

  async settled(): Promise<void> {
    while (this.#opening.length > 0) await Promise.all(this.#opening.map(({ opening }) => opening));
  }

  async take(o: TakeOptions): Promise<ChromeSession> {
    o.signal?.throwIfAborted();
    const session = await this.#give(o);
    setTimeout(() => this.#refill(), REFILL_AFTER_MS).unref();
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#inspecting);
    for (const spare of this.#spares) this.#end(spare);
    await Promise.all(this.#pending);
  }

  get #opening(): Spare[] {
    return [...this.#spares].filter(({ open }) => !open);
  }

  async #give({ launch = this.#o, signal, ...session }: TakeOptions): Promise<ChromeSession> {
    const wishedAt = performance.now();
    const open = await this.#takeSpare(this.#wish(launch), signal);
    if (open) {
      // Not waited for: whose it is by its process, which is all that a sweep goes by, does not change.
      open.writeOwner(session.owner).catch((error: unknown) => this.#o.onError?.(error));
      return beginSession(open, { ...session, wishedAt, isSpare: true });
    }
    const { rootDir, launchTimeoutMs, resolve } = this.#o;
    return launchBrowser({ ...launch, ...session, rootDir, launchTimeoutMs, resolve, signal }, wishedAt);
  }

  /** Notes that a job wants a browser of this kind. @returns its key */
  #wish({ binary, locale, window }: LaunchSettings): string {
    const launch = { binary, locale, window };
    const kind = launchKey(launch);
    this.#kinds.set(kind, { launch, wishedAt: performance.now() });
    return kind;
  }

  #sparesOf(kind: string): Spare[] {
    return [...this.#spares].filter((spare) => spare.kind === kind);
  }

  /** Takes the oldest spare that lives. Also one that is still being launched: that is faster than another one. */
  async #takeSpare(kind: string, signal: AbortSignal | undefined): Promise<OpenBrowser | null> {
    for (;;) {
      const [spare] = this.#sparesOf(kind);
      if (!spare) return null;
      this.#spares.delete(spare);
      const open = await this.#untilOpen(spare, signal);
      if (open && (await isAlive(open))) return open;
      this.#end(spare);
    }
  }

  /** Waits for a spare that was taken. If its taker gives up, it goes back to where it was. */
  async #untilOpen(spare: Spare, signal: AbortSignal | undefined): Promise<OpenBrowser | null> {
    spare.isAwaited = true;
    try {
      return await unlessAborted(spare.opening, signal);
    } catch (reason) {
      spare.isAwaited = false;
      this.#spares.add(spare);
      // Meanwhile another may have come into its place, or the pool to its end.
      if (this.#closing.signal.aborted || this.#sparesOf(spare.kind).length > this.#o.spares)
        this.#end(spare);
      throw reason;
    }
  }

  /** Launches one spare after the other: each takes memory, and a core, from what runs. */
  #refill(): void {
    if (this.#closing.signal.aborted || this.#isMemoryLow() || this.#opening.length > 0) return;
    for (const [kind, { launch }] of this.#kinds) {
      if (this.#sparesOf(kind).length >= this.#o.spares) continue;
      this.#spares.add(this.#launch(kind, launch));
      return;
    }
  }

  #launch(kind: string, launch: LaunchSettings): Spare {
    const { workerId } = this.#o;
    const launched = openSpare(
      { ...this.#o, ...launch, signal: this.#closing.signal },
      { workerId, isSpare: true },
      () => spare.isAwaited,
    );
    const opening = launched.then(
      (open) => {
        spare.open = open;
        spare.openSince = performance.now();
        // Its place is filled at the next inspection: browsers that die at once shall not be launched without end.
        void open.failed.then(() => this.#spares.has(spare) && this.#end(spare));
        this.#refill();
        return open;
      },
      (error: unknown) => {
        this.#spares.delete(spare);
        // Others shall not wait for it. The next job that asks for it brings it back.
        if (kind !== this.#ownKind) this.#kinds.delete(kind);
        if (!this.#closing.signal.aborted) this.#o.onError?.(error);
        return null;
      },
    );
    const spare: Spare = { kind, opening, open: null, openSince: 0, isAwaited: false };
    this.#track(opening);
    return spare;
  }

  async #inspect(): Promise<void> {
    const { maxSpareAgeMs, maxSpareMemoryBytes } = this.#o;
    for (const [kind, { wishedAt }] of this.#kinds) {
      const isForgotten = performance.now() - wishedAt > maxSpareAgeMs;
      if (isForgotten && kind !== this.#ownKind) this.#kinds.delete(kind);
    }
    // One at a time: those that are of one age shall not be missing at once.
    const [oldest] = this.#opening.length === 0 ? this.#spares : [];
    for (const spare of this.#spares) {
      if (!spare.open) continue;
      const isOld = spare === oldest && performance.now() - spare.openSince > maxSpareAgeMs;
      const isLarge = (await spare.open.tree.sample()) > maxSpareMemoryBytes;
      const isUnwanted = isOld || isLarge || this.#isMemoryLow() || !this.#kinds.has(spare.kind);
      // It may have been taken meanwhile.
      if (isUnwanted && this.#spares.has(spare)) this.#end(spare);
    }
    this.#refill();
    // So that no two looks overlap.
    if (!this.#closing.signal.aborted) this.#inspecting.refresh();
  }

  #isMemoryLow(): boolean {
    return process.availableMemory() < this.#o.minFreeMemoryBytes;
  }

  #end(spare: Spare): void {
    this.#spares.delete(spare);
    const ending = spare.opening
      .then((open) => open?.[Symbol.asyncDispose]())
      .catch((error: unknown) => this.#o.onError?.(error));
    this.#track(ending);
  }

  #track(promise: Promise<unknown>): void {
    this.#pending.add(promise);
    void promise.finally(() => this.#pending.delete(promise));
  }
}
