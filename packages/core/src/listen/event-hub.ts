import { Listener } from './listener.ts';

/** Tells watchers in this process that something happened to a job, from one connection for all of them. */
export class EventHub implements AsyncDisposable {
  readonly #watchers = new Map<string, Set<() => void>>();
  #listener: Listener | null = null;

  /** Starts listening. @throws {GantryError} LISTEN_UNAVAILABLE */
  static async start(o: { databaseUrl: string; applicationName: string }): Promise<EventHub> {
    const hub = new EventHub();
    hub.#listener = await Listener.start({
      ...o,
      channels: ['gantry_events'],
      onNotification: (_channel, jobIds) => {
        for (const jobId of jobIds.split(',')) hub.#wake(jobId);
      },
      // What was said while nobody listened is in the table: everybody looks.
      onConnected: () => hub.#wakeAll(),
    });
    return hub;
  }

  /** Whether hints arrive; without them watchers live on polling. */
  get isConnected(): boolean {
    return this.#listener?.isConnected ?? false;
  }

  /** How many watchers there are. */
  get watcherCount(): number {
    let count = 0;
    for (const watchers of this.#watchers.values()) count += watchers.size;
    return count;
  }

  /** Calls back at each hint about a job until the returned function is called. */
  watch(jobId: string, onHint: () => void): () => void {
    const watchers = this.#watchers.get(jobId) ?? new Set();
    this.#watchers.set(jobId, watchers.add(onHint));
    return () => {
      watchers.delete(onHint);
      if (watchers.size === 0 && this.#watchers.get(jobId) === watchers) this.#watchers.delete(jobId);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
  }

  #wake(jobId: string): void {
    for (const onHint of this.#watchers.get(jobId) ?? []) onHint();
  }

  #wakeAll(): void {
    for (const jobId of this.#watchers.keys()) this.#wake(jobId);
  }
}
