/** A picture of a page. `at` in milliseconds since 1970. */
export type Frame = { at: number; page: number; jpeg: Uint8Array };

/**
 * Keeps the pictures of a run: of each stretch of time the last one, and no picture twice. When they become too many
 * bytes the stretches are made twice as long, so that a run of any length is there from end to end.
 */
export class FrameLog {
  readonly #maxBytes: number;
  #stretchMs: number;
  #frames: Frame[] = [];
  #bytes = 0;
  // The last picture before this moment stays as it is.
  #closedAt = 0;
  #isThinned = false;

  /** @param o.stretchMs at first */
  constructor(o: { stretchMs: number; maxBytes: number }) {
    this.#stretchMs = o.stretchMs;
    this.#maxBytes = o.maxBytes;
  }

  /** The pictures, oldest first. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** Adds a picture. */
  add(frame: Frame): void {
    const last = this.#frames.at(-1);
    if (last && last.page === frame.page && Buffer.compare(last.jpeg, frame.jpeg) === 0) return;
    if (last && last.at >= this.#closedAt && this.#sameStretch(last, frame)) {
      this.#frames.pop();
      this.#bytes -= last.jpeg.length;
    }
    this.#frames.push(frame);
    this.#bytes += frame.jpeg.length;
    while (this.#bytes > this.#maxBytes && this.#frames.length > 1) this.#thin();
  }

  /**
   * Something happened that people will want to look at: what was seen just before is kept. Not any more when pictures
   * had to be thinned out, or those of late would crowd out all others.
   */
  mark(at: number): void {
    if (!this.#isThinned) this.#closedAt = at;
  }

  #thin(): void {
    this.#stretchMs *= 2;
    this.#isThinned = true;
    this.#closedAt = 0;
    this.#frames = this.#frames.filter((frame, index) => {
      const next = this.#frames[index + 1];
      return !next || !this.#sameStretch(frame, next);
    });
    this.#bytes = this.#frames.reduce((sum, { jpeg }) => sum + jpeg.length, 0);
  }

  #sameStretch(a: Frame, b: Frame): boolean {
    return Math.floor(a.at / this.#stretchMs) === Math.floor(b.at / this.#stretchMs);
  }
}
