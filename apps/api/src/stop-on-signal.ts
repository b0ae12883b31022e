/** Resolves when this process is asked to end: by a signal, or because the one that started it is gone. */
export function stopOnSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    // Started with a channel to its parent: the channel closes even when the parent is killed.
    process.once('disconnect', () => resolve());
    // Listening must not keep this process alive when all else has ended.
    process.channel?.unref();
  });
}
