/** Why a run was ended from outside. Given as the reason of its abort signal. */
export class StopRun extends Error {
  override name = 'StopRun';
  readonly why: 'cancelled' | 'lease-lost' | 'timeout' | 'drain' | 'browser-failed';

  constructor(why: StopRun['why'], options?: ErrorOptions) {
    super(`The run was ended: ${why}.`, options);
    this.why = why;
  }
}
