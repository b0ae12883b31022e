/** So long a process has to give its jobs back. */
const RELEASE_MS = 10_000;

/**
 * Listens from the first moment for being asked to end. Asked once, by a signal, the worker drains; asked again, or
 * when the process that started it is gone, it gives everything back at once.
 */
export function listenForStop(): { toDrain: AbortSignal; toRelease: AbortSignal } {
  const drain = new AbortController();
  const release = new AbortController();
  const hurry = () => {
    release.abort();
    drain.abort();
    // The database may not answer, or may have gone with the parent; nothing may keep this process. Its browsers end with
    // it, and its jobs go to others.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), RELEASE_MS).unref();
  };
  const onSignal = () => {
    if (drain.signal.aborted) hurry();
    drain.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // Started with a channel to its parent: the channel closes even when the parent is killed.
  process.on('disconnect', hurry);
  // Listening must not keep this process alive when all else has ended.
  process.channel?.unref();
  if (process.send && !process.connected) hurry();
  return { toDrain: drain.signal, toRelease: release.signal };
}
