import type { Browser, Page } from 'puppeteer-core';
import { bytesCommanded } from '../cdp/count-commands.ts';
import { ChromeError, type ChromeErrorCode } from '../chrome-error.ts';
import type { EgressPolicy } from '../egress/egress-policy.ts';
import type { Traffic } from '../egress/traffic-meter.ts';
import type { Owner } from '../process/browser-directory.ts';
import { directorySize } from '../process/directory-size.ts';
import type { TreeUsage } from '../process/tree-watch.ts';
import { IdleWatch } from './idle-watch.ts';
import type { OpenBrowser } from './open-browser.ts';
import { SILENCE_MS, watchSilence } from './watch-silence.ts';

/** What a browser is given to: an attempt, and what that may do with it. */
export type SessionOptions = {
  owner: Owner;
  egress: EgressPolicy;
  /** The most memory that the whole tree may use, in bytes; no limit by default. */
  maxMemoryBytes?: number | undefined;
  /** The most that its directory may take on the disk, in bytes; no limit by default. */
  maxDiskBytes?: number | undefined;
  /** How long nothing may be asked of the browser and nothing pass over the network; no limit by default. */
  idleTimeoutMs?: number | undefined;
  /** How long it may answer nothing: 60,000 by default. */
  silenceMs?: number | undefined;
};

/** What a session cost. What only the machine of the browser knows is null when that is another one. */
export type SessionUsage = Nullable<TreeUsage> &
  Nullable<Traffic> & {
    /** Whether the browser had been launched ahead. */
    isWarm: boolean;
    /** The launch of the process until its page could be used; of a warm browser before there was a job. */
    launchMs: number;
    /** From the request for a browser until it was there. */
    handOverMs: number;
    /** From the request to end it until its processes and its directory were gone; null before that. */
    closeMs: number | null;
  };

type Nullable<T> = { [Key in keyof T]: T[Key] | null };

/** A browser of one attempt, with its process tree, its directory and its proxy; or a part of one that runs elsewhere. */
export type ChromeSession = {
  browser: Browser;
  /** The page that the browser opened with. */
  page: Page;
  /** Null for one that runs elsewhere. */
  pid: number | null;
  /** On this machine, and gone with the session. */
  directory: string;
  /** Resolves when the browser or a page dies on its own, or goes over one of its limits. */
  failed: Promise<ChromeError>;
  /** What it has cost so far; all of it once it has been disposed of. */
  usage(): SessionUsage;
  /** Says why a URL was refused to the browser: BLOCKED_URL, or SITE_NOT_FOUND for a name without address. Else null. */
  refusalOf: (url: string) => ChromeError | null;
  /** The same of the address that a page could not open most lately: where its redirects led. */
  lastRefusal: () => ChromeError | null;
  /** Ends the browser and all it started, and removes the directory. Never waits for the browser to agree. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** One that runs on this machine. */
export type LocalSession = ChromeSession & { pid: number };

/**
 * Gives a browser to an attempt: from here on its policy and its limits hold.
 *
 * @param o.requestedAt `performance.now()` when a browser was requested
 */
export function beginSession(
  open: OpenBrowser,
  o: SessionOptions & { requestedAt: number; isWarm: boolean },
): LocalSession {
  open.proxy.bind(o.egress);
  watchLimits(open, o);
  const silence = watchSilence(open.browser, {
    silenceMs: o.silenceMs ?? SILENCE_MS,
    isStopped: () => open.tree.isStopped,
    onSilent: (error) => void end(open, error),
  });
  const handOverMs = Math.round(performance.now() - o.requestedAt);
  let closeMs: number | null = null;
  let closed: Promise<void> | null = null;
  const close = async () => {
    const begin = performance.now();
    silence[Symbol.dispose]();
    await open.tree.finish();
    await open[Symbol.asyncDispose]();
    closeMs = Math.round(performance.now() - begin);
  };
  return {
    browser: open.browser,
    page: open.page,
    pid: open.pid,
    directory: open.directory,
    failed: open.failed,
    usage: () => ({
      ...open.tree.usage,
      ...open.proxy.traffic(),
      isWarm: o.isWarm,
      launchMs: open.launchMs,
      handOverMs,
      closeMs,
    }),
    refusalOf: open.proxy.refusalOf,
    lastRefusal: () => open.proxy.refusalOf(open.unreachableUrl() ?? ''),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

function watchLimits(open: OpenBrowser, o: SessionOptions): void {
  const { maxMemoryBytes = Infinity, maxDiskBytes = Infinity, idleTimeoutMs = Infinity } = o;
  const activity = () => {
    const { requests, bytesReceived, bytesSent } = open.proxy.traffic();
    return bytesCommanded(open.browser) + requests + bytesReceived + bytesSent;
  };
  const idle = new IdleWatch({ activity, idleTimeoutMs, onIdle: open.fail });
  open.tree.watch(async (memoryBytes) => {
    if (memoryBytes > maxMemoryBytes) await end(open, overLimit('BROWSER_OUT_OF_MEMORY', 'used more memory'));
    // What a page stores it may have made up itself, so the traffic does not tell.
    if (maxDiskBytes < Infinity && (await directorySize(open.directory)) > maxDiskBytes)
      await end(open, overLimit('BROWSER_OUT_OF_DISK', 'stored more on the disk'));
    idle.look();
  });
}

/** Kills it at once: nothing else on the machine shall go short meanwhile. */
async function end(open: OpenBrowser, cause: ChromeError): Promise<void> {
  open.fail(cause);
  await open.kill().catch(() => {});
}

function overLimit(code: ChromeErrorCode, what: string): ChromeError {
  return new ChromeError(
    code,
    `The pages of this job ${what} than one job may. Split it into smaller jobs, or ask for a higher limit.`,
  );
}
