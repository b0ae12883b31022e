import { launcherGone } from './watch-launcher.ts';

/**
 * Listens for being asked to end: by a signal, or because whoever started this process is gone. The second signal ends
 * it at once; everything that it started notices, and ends by itself.
 */
export function askedToStop(): { promise: Promise<void>; isAsked: boolean } & Disposable {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopWatching = new AbortController();
  const asked = {
    promise,
    isAsked: false,
    [Symbol.dispose]() {
      stopWatching.abort();
    },
  };
  const ask = () => {
    asked.isAsked = true;
    resolve();
  };
  const onSignal = () => {
    if (asked.isAsked) process.kill(process.pid, 'SIGKILL');
    ask();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  void launcherGone(stopWatching.signal).then(ask);
  // Nobody may be left to read; there is still something to bring to an end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return asked;
}
