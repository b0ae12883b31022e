/** A process whose parent is gone has so long to answer what is in flight. */
const ORPHAN_MS = 10_000;

/** Resolves when this process is asked to end: by a signal, or because the one that started it is gone. */
export function stopOnSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    // Started with a channel to its parent: the channel closes even when the parent is killed.
    const onOrphaned = () => {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_MS).unref();
      resolve();
    };
    process.once('disconnect', onOrphaned);
    // Listening must not keep this process alive when all else has ended.
    process.channel?.unref();
    if (process.send && !process.connected) onOrphaned();
  });
}
