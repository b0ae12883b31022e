const CHANNEL = 'gantry-live';

/** A browser has six connections to a host, over HTTP/1.1; one is left for all that is no stream. */
const MAX_STREAMS = 5;

/** A window of a job: each keeps a connection for its events, and one more while it shows moving pictures. */
type JobWindow = { id: string; usedAt: number; wants: boolean };

/** What windows tell each other: that one is used, that it is there too, that it keeps no connection any more. */
type Message = { says: 'used' | 'here' | 'gone'; of: JobWindow };

/**
 * Says whether this window may show moving pictures. The more windows there are, the fewer have pictures: of those that
 * want them, the ones that were used last. One may always.
 */
export class LiveTurn implements Disposable {
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #others = new Map<string, JobWindow>();
  readonly #own: JobWindow = { id: Math.random().toString(36), usedAt: 0, wants: false };
  readonly #onChange: (isOurs: boolean) => void;

  /** @param onChange called with whether it is this window's turn, whenever that may have changed */
  constructor(onChange: (isOurs: boolean) => void) {
    this.#onChange = onChange;
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#hear(data));
    this.use();
  }

  /** The user uses this window: it comes before all others. */
  use(): void {
    // Those that are still there answer; one that crashed does not.
    this.#others.clear();
    this.#own.usedAt = Date.now();
    this.#say('used');
    this.#onChange(true);
  }

  /** Says whether this window has any use for a turn. */
  want(wants: boolean): void {
    this.#own.wants = wants;
    this.#say('here');
  }

  /** This window keeps no connection any more, unless it is used again. */
  leave(): void {
    this.#say('gone');
  }

  [Symbol.dispose](): void {
    this.leave();
    this.#channel.close();
  }

  #hear({ says, of }: Message): void {
    if (says === 'gone') this.#others.delete(of.id);
    else this.#others.set(of.id, of);
    if (says === 'used') this.#say('here');
    const first = [...this.#others.values()].filter((other) => other.wants && isBefore(other, this.#own));
    const windows = this.#others.size + 1;
    this.#onChange(first.length < Math.max(1, MAX_STREAMS - windows));
  }

  #say(says: Message['says']): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel stays within its origin.
    this.#channel.postMessage({ says, of: this.#own } satisfies Message);
  }
}

/** Of two windows that were used in the same millisecond one comes first too, and it is the same one in both. */
function isBefore(a: JobWindow, b: JobWindow): boolean {
  return a.usedAt === b.usedAt ? a.id > b.id : a.usedAt > b.usedAt;
}
