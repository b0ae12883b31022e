import { type LaunchSettings, launchKey } from '../process/launch-arguments.ts';
import { beginSession, type ChromeSession, type SessionOptions } from '../session/chrome-session.ts';
import { launchBrowser } from '../session/launch-browser.ts';
import type { OpenBrowser, OpenOptions } from '../session/open-browser.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { isAlive, openWarmBrowser } from './warm-browser.ts';

/** After a warm browser was taken: the first page of its job comes first. */
const REFILL_AFTER_MS = 50;
const DEFAULTS = {
  maxWarmAgeMs: 300_000,
  maxWarmMemoryBytes: 500_000_000,
  minFreeMemoryBytes: 1_000_000_000,
  inspectIntervalMs: 10_000,
};

/** What a pool is made of. */
export type BrowserPoolOptions = Omit<OpenOptions, 'signal'> & {
  workerId: string;
  /** How many browsers are kept launched ahead of each kind that is asked for; 0 for none. */
  warmBrowsers: number;
  /**
   * Warm browsers that are older are replaced, and none are kept of a kind that no job has asked for in this time: five minutes
   * by default.
   */
  maxWarmAgeMs?: number;
  /** A warm browser whose tree uses more is replaced: 500 MB by default. */
  maxWarmMemoryBytes?: number;
  /** With less memory to spare on the machine, or in its container, none is kept: 1 GB by default. */
  minFreeMemoryBytes?: number;
  /** How often the warm browsers are looked at: ten seconds by default. */
  inspectIntervalMs?: number;
  /** Told what went wrong with a warm browser. Jobs launch their own then. */
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
   * Gives a browser to an attempt: a warm browser if there is a live one with the same launch settings, else one that is
   * launched now. From then on there are warm browsers with these settings too.
   *
   * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
   * @throws the signal's reason, if it was aborted
   */
  take(o: TakeOptions): Promise<ChromeSession>;
  /** How many warm browsers there are that could be taken now. */
  readonly warmBrowsers: number;
  /** Resolves when no warm browser is being launched: then all are there, or there can be none at the moment. */
  settled(): Promise<void>;
  /** Ends the warm browsers. Browsers that were taken are their takers' to end. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Browsers that are launched in the same way, and when one was requested last. */
type Kind = { launch: LaunchSettings; requestedAt: number };

/** A browser that is launched ahead. `opening` is null in the end if it could not be. */
type WarmBrowser = {
  kind: string;
  opening: Promise<OpenBrowser | null>;
  open: OpenBrowser | null;
  openSince: number;
  /** Whether a job waits for it. */
  isAwaited: boolean;
};

/** Opens a pool, which begins to launch its warm browsers. It waits for none of them. */
export async function openBrowserPool(o: BrowserPoolOptions): Promise<BrowserPool> {
  return new WarmPool({ ...DEFAULTS, ...o });
}

class WarmPool implements BrowserPool {
  readonly #o: BrowserPoolOptions & typeof DEFAULTS;
  /** By their launch keys, the pool's own first: of each there are to be warm browsers. */
  readonly #kinds = new Map<string, Kind>();
  readonly #ownKind: string;
  readonly #warmBrowsers = new Set<WarmBrowser>();
  /** Launches, and ends of warm browsers, that the end of the pool waits for: also the launch that a taker waits for. */
  readonly #pending = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #inspecting: NodeJS.Timeout;

  constructor(o: BrowserPoolOptions & typeof DEFAULTS) {
    this.#o = o;
    this.#ownKind = this.#request(o);
    this.#inspecting = setTimeout(() => void this.#inspect(), o.inspectIntervalMs);
    this.#refill();
  }

  get warmBrowsers(): number {
    return [...this.#warmBrowsers].filter(({ open }) => open).length;
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
    for (const warmBrowser of this.#warmBrowsers) this.#end(warmBrowser);
    await Promise.all(this.#pending);
  }

  get #opening(): WarmBrowser[] {
    return [...this.#warmBrowsers].filter(({ open }) => !open);
  }

  async #give({ launch = this.#o, signal, ...session }: TakeOptions): Promise<ChromeSession> {
    const requestedAt = performance.now();
    const open = await this.#takeWarmBrowser(this.#request(launch), signal);
    if (open) {
      // Not waited for: whose it is by its process, which is all that a sweep goes by, does not change.
      open.writeOwner(session.owner).catch((error: unknown) => this.#o.onError?.(error));
      return beginSession(open, { ...session, requestedAt, isWarm: true });
    }
    const { rootDir, launchTimeoutMs, resolve } = this.#o;
    return launchBrowser({ ...launch, ...session, rootDir, launchTimeoutMs, resolve, signal }, requestedAt);
  }

  /** Notes that a job wants a browser of this kind. @returns its key */
  #request({ binary, locale, window }: LaunchSettings): string {
    const launch = { binary, locale, window };
    const kind = launchKey(launch);
    this.#kinds.set(kind, { launch, requestedAt: performance.now() });
    return kind;
  }

  #warmOf(kind: string): WarmBrowser[] {
    return [...this.#warmBrowsers].filter((warmBrowser) => warmBrowser.kind === kind);
  }

  /** Takes the oldest warm browser that lives. Also one that is still being launched: that is faster than another one. */
  async #takeWarmBrowser(kind: string, signal: AbortSignal | undefined): Promise<OpenBrowser | null> {
    for (;;) {
      const [warmBrowser] = this.#warmOf(kind);
      if (!warmBrowser) return null;
      this.#warmBrowsers.delete(warmBrowser);
      const open = await this.#untilOpen(warmBrowser, signal);
      if (open && (await isAlive(open))) return open;
      this.#end(warmBrowser);
    }
  }

  /** Waits for a warm browser that was taken. If its taker gives up, it goes back to where it was. */
  async #untilOpen(warmBrowser: WarmBrowser, signal: AbortSignal | undefined): Promise<OpenBrowser | null> {
    warmBrowser.isAwaited = true;
    try {
      return await unlessAborted(warmBrowser.opening, signal);
    } catch (reason) {
      warmBrowser.isAwaited = false;
      this.#warmBrowsers.add(warmBrowser);
      // Meanwhile another may have come into its place, or the pool to its end.
      if (this.#closing.signal.aborted || this.#warmOf(warmBrowser.kind).length > this.#o.warmBrowsers)
        this.#end(warmBrowser);
      throw reason;
    }
  }

  /** Launches one warm browser after the other: each takes memory, and a core, from what runs. */
  #refill(): void {
    if (this.#closing.signal.aborted || this.#isMemoryLow() || this.#opening.length > 0) return;
    for (const [kind, { launch }] of this.#kinds) {
      if (this.#warmOf(kind).length >= this.#o.warmBrowsers) continue;
      this.#warmBrowsers.add(this.#launch(kind, launch));
      return;
    }
  }

  #launch(kind: string, launch: LaunchSettings): WarmBrowser {
    const { workerId } = this.#o;
    const launched = openWarmBrowser(
      { ...this.#o, ...launch, signal: this.#closing.signal },
      { workerId, isWarm: true },
      () => warmBrowser.isAwaited,
    );
    const opening = launched.then(
      (open) => {
        warmBrowser.open = open;
        warmBrowser.openSince = performance.now();
        // Its place is filled at the next inspection: browsers that die at once shall not be launched without end.
        void open.failed.then(() => this.#warmBrowsers.has(warmBrowser) && this.#end(warmBrowser));
        this.#refill();
        return open;
      },
      (error: unknown) => {
        this.#warmBrowsers.delete(warmBrowser);
        // Others shall not wait for it. The next job that asks for it brings it back.
        if (kind !== this.#ownKind) this.#kinds.delete(kind);
        if (!this.#closing.signal.aborted) this.#o.onError?.(error);
        return null;
      },
    );
    const warmBrowser: WarmBrowser = { kind, opening, open: null, openSince: 0, isAwaited: false };
    this.#track(opening);
    return warmBrowser;
  }

  async #inspect(): Promise<void> {
    const { maxWarmAgeMs, maxWarmMemoryBytes } = this.#o;
    for (const [kind, { requestedAt }] of this.#kinds) {
      const isForgotten = performance.now() - requestedAt > maxWarmAgeMs;
      if (isForgotten && kind !== this.#ownKind) this.#kinds.delete(kind);
    }
    // One at a time: those that are of one age shall not be missing at once.
    const [oldest] = this.#opening.length === 0 ? this.#warmBrowsers : [];
    for (const warmBrowser of this.#warmBrowsers) {
      if (!warmBrowser.open) continue;
      const isOld = warmBrowser === oldest && performance.now() - warmBrowser.openSince > maxWarmAgeMs;
      const isLarge = (await warmBrowser.open.tree.sample()) > maxWarmMemoryBytes;
      const isUnwanted = isOld || isLarge || this.#isMemoryLow() || !this.#kinds.has(warmBrowser.kind);
      // It may have been taken meanwhile.
      if (isUnwanted && this.#warmBrowsers.has(warmBrowser)) this.#end(warmBrowser);
    }
    this.#refill();
    // So that no two looks overlap.
    if (!this.#closing.signal.aborted) this.#inspecting.refresh();
  }

  #isMemoryLow(): boolean {
    return process.availableMemory() < this.#o.minFreeMemoryBytes;
  }

  #end(warmBrowser: WarmBrowser): void {
    this.#warmBrowsers.delete(warmBrowser);
    const ending = warmBrowser.opening
      .then((open) => open?.[Symbol.asyncDispose]())
      .catch((error: unknown) => this.#o.onError?.(error));
    this.#track(ending);
  }

  #track(promise: Promise<unknown>): void {
    this.#pending.add(promise);
    void promise.finally(() => this.#pending.delete(promise));
  }
}
