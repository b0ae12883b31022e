import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { type Browser, launch } from 'puppeteer-core';
import { limitUnanswered } from '../cdp/limit-unanswered.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { type LaunchSettings, launchArguments } from './launch-arguments.ts';

/** Where it answers, of those that puppeteer gives it. */
const PIPE = 4;

/** A process that has been started, the connection to it, and the pipe through which it answers. */
export type StartedBrowser = { browser: Browser; child: ChildProcess; pid: number; answers: Readable };

/**
 * Starts the process in its directory and connects to it. Nothing of our environment, which holds secrets, goes with
 * it, and ending it is left to us: no handlers for signals.
 *
 * @param o.onUnresponsive called when it leaves too many commands unanswered
 * @param o.signal kills the process for as long as it listens, which is also after this has returned
 * @throws {Error} whatever kept it from starting
 */
export async function startBrowser(
  { binary, ...settings }: LaunchSettings,
  o: {
    directory: string;
    proxyUrl: string;
    timeoutMs: number;
    signal: AbortSignal;
    onUnresponsive: () => void;
  },
): Promise<StartedBrowser> {
  using _ = hearFailedStarts(binary.executablePath);
  const launched = launch({
    executablePath: binary.executablePath,
    headless: binary.kind === 'headless-shell' ? 'shell' : true,
    pipe: true,
    userDataDir: o.directory,
    args: launchArguments(o.proxyUrl, settings),
    timeout: o.timeoutMs,
    signal: o.signal,
    acceptInsecureCerts: false,
    logger: limitUnanswered(o.onUnresponsive),
    env: {
      ...binary.env,
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: o.directory,
      TMPDIR: join(o.directory, 'tmp'),
      GANTRY_BROWSER: o.directory,
    },
    handleSIGHUP: false,
    handleSIGINT: false,
    handleSIGTERM: false,
  });
  // Puppeteer waits for ever for a browser that was killed before it answered. One that has started all the same ends here.
  launched.then(
    (late) => o.signal.aborted && late.process()?.kill('SIGKILL'),
    () => {},
  );
  const browser = await unlessAborted(launched, o.signal);
  const child = browser.process();
  const answers = child?.stdio[PIPE];
  if (!child?.pid || !(answers instanceof Readable)) throw new Error('The browser has no process.');
  return { browser, child, pid: child.pid, answers };
}

/**
 * Handles programs that the system does not start for lack of files or processes. The child emits an event for
 * which puppeteer does not listen, and an unhandled error event ends this process, with all that it runs.
 */
function hearFailedStarts(executablePath: string): Disposable {
  const listen = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('process' in message)) return;
    const { process: child } = message;
    if (!(child instanceof ChildProcess)) return;
    child.once('error', (error) => {
      // Of another's child this is not ours to hear.
      if (child.spawnfile !== executablePath && child.listenerCount('error') === 0) throw error;
    });
  };
  subscribe('child_process', listen);
  return { [Symbol.dispose]: () => void unsubscribe('child_process', listen) };
}
