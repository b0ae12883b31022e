import { launcherGone } from './watch-launcher.ts';

/** Ctrl-C may arrive twice: from the terminal, and from the package manager that passes it on. */
const SAME_WISH_MS = 1_000;

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
  let firstAt: number | null = null;
  const onSignal = () => {
    if (firstAt !== null && performance.now() - firstAt > SAME_WISH_MS) process.kill(process.pid, 'SIGKILL');
    if (firstAt === null) process.stderr.write('gantry: stopping; ask again to stop at once\n');
    firstAt ??= performance.now();
    ask();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  void launcherGone(stopWatching.signal).then(ask);
  // Nobody may be left to read; there is still something to bring to an end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return asked;
}
