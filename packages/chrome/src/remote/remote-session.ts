import type { BrowserContext } from 'puppeteer-core';
import { bytesCommanded, countCommandsBy } from '../cdp/count-commands.ts';
import { unresponsive } from '../cdp/limit-unanswered.ts';
import { ChromeError } from '../chrome-error.ts';
import { evaluateByName } from '../egress/evaluate-by-name.ts';
import type { TakeOptions } from '../pool/browser-pool.ts';
import { makeBrowserDirectory, removeBrowserDirectory } from '../process/browser-directory.ts';
import { awaitErrorPage } from '../session/await-error-page.ts';
import type { ChromeSession } from '../session/chrome-session.ts';
import { guardPages } from '../session/guard-pages.ts';
import { IdleWatch } from '../session/idle-watch.ts';
import { LAUNCH_TIMEOUT_MS } from '../session/open-browser.ts';
import { browserSilent, SILENCE_MS, watchSilence } from '../session/watch-silence.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { beginTransport } from './begin-transport.ts';
import { openContext } from './open-context.ts';
import { RemoteMeter } from './remote-meter.ts';

/** A browser that does not answer is left to its operator. */
const CLOSE_DEADLINE_MS = 2_000;
/** A remote browser that is cut off or frozen sends no notice. */
const KEEP_ALIVE_MS = 30_000;
const LOOK_MS = 1_000;

/** Where browsers run that are not ours. */
export type RemoteOptions = {
  /** Of the Chrome DevTools Protocol: `wss://...`. It may hold a secret and is in no message. */
  endpoint: string;
  /** Where the files of an attempt have their directory. */
  rootDir: string;
  /** 30,000 by default. */
  launchTimeoutMs?: number | undefined;
  /** How often a connection must be heard of: 30,000 by default. */
  keepAliveMs?: number | undefined;
};

/**
 * Connects to a browser that runs elsewhere, and makes a context in it for this attempt alone.
 *
 * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
 * @throws the signal's reason, if it was aborted
 */
export async function openRemoteSession(
  { endpoint, rootDir, launchTimeoutMs = LAUNCH_TIMEOUT_MS, keepAliveMs = KEEP_ALIVE_MS }: RemoteOptions,
  o: TakeOptions,
): Promise<ChromeSession> {
  const requestedAt = performance.now();
  o.signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(launchTimeoutMs);
  const signal = o.signal ? AbortSignal.any([o.signal, deadline]) : deadline;
  await using stack = new AsyncDisposableStack();
  try {
    const failure = Promise.withResolvers<ChromeError>();
    // Two beats without an answer.
    const onSilent = () => failure.resolve(browserSilent(2 * keepAliveMs));
    const { transport, opened, bytesSent } = stack.use(beginTransport(endpoint, { keepAliveMs, onSilent }));
    await unlessAborted(opened, signal);
    const fail = (error: ChromeError) => {
      failure.resolve(error);
      transport.close();
    };
    const onUnresponsive = () => fail(unresponsive());
    const { browser, context } = await unlessAborted(openContext(transport, { onUnresponsive }), signal);
    stack.defer(() => browser.disconnect());
    countCommandsBy(browser, bytesSent);
    let isClosing = false;
    // From now on: an error during the set-up is reported by the session.
    browser.once('disconnected', () => {
      if (!isClosing)
        failure.resolve(
          new ChromeError(
            'BROWSER_CRASHED',
            'The connection to the browser broke. Another attempt may succeed.',
          ),
        );
    });
    const meter = new RemoteMeter(o.egress, failure.resolve);
    let unreachableUrl = '';
    const guarding = guardPages(
      browser,
      {
        onCrash: failure.resolve,
        onUnreachable: (url) => {
          unreachableUrl = url;
        },
      },
      {
        browserContextId: context.id,
        isAllowed: (url) => evaluateByName(url, o.egress) === null && meter.countRequest(),
        onReceived: (bytes) => meter.countReceived(bytes),
      },
    );
    await unlessAborted(guarding, signal);
    const page = await unlessAborted(context.newPage(), signal);
    awaitErrorPage(page);
    const directory = await makeBrowserDirectory(rootDir, o.owner);
    stack.defer(() => removeBrowserDirectory(directory));
    const idle = new IdleWatch({
      activity: () => bytesCommanded(browser) + meter.activity,
      idleTimeoutMs: o.idleTimeoutMs ?? Infinity,
      onIdle: failure.resolve,
    });
    const looking = setInterval(() => idle.look(), LOOK_MS);
    stack.defer(() => clearInterval(looking));
    // The connection may be kept alive by a pool in between, while the browser behind it is frozen.
    const { silenceMs = SILENCE_MS } = o;
    stack.use(watchSilence(browser, { silenceMs, isStopped: () => false, onSilent: fail }));
    const resources = stack.move();
    const handOverMs = Math.round(performance.now() - requestedAt);
    let closeMs: number | null = null;
    let closed: Promise<void> | null = null;
    const close = async () => {
      const begin = performance.now();
      isClosing = true;
      await closeContext(context);
      await resources.disposeAsync();
      closeMs = Math.round(performance.now() - begin);
    };
    return {
      browser,
      page,
      pid: null,
      directory,
      failed: failure.promise,
      usage: () => ({ ...UNKNOWN, isWarm: false, launchMs: handOverMs, handOverMs, closeMs }),
      refusalOf: (url) => evaluateByName(url, o.egress),
      lastRefusal: () => evaluateByName(unreachableUrl, o.egress),
      [Symbol.asyncDispose]: () => (closed ??= close()),
    };
  } catch (cause) {
    o.signal?.throwIfAborted();
    throw deadline.aborted
      ? new ChromeError('BROWSER_LAUNCH_TIMEOUT', 'No browser answered in time. Try again later.', { cause })
      : new ChromeError('BROWSER_LAUNCH_FAILED', 'No browser could be reached. Try again later.', { cause });
  }
}

/** What only the browser's own machine could tell. */
const UNKNOWN = { peakMemoryBytes: null, cpuMs: null, requests: null, bytesReceived: null, bytesSent: null };

async function closeContext(context: BrowserContext): Promise<void> {
  const closing = context.close().catch(() => {});
  await unlessAborted(closing, AbortSignal.timeout(CLOSE_DEADLINE_MS)).catch(() => {});
}
