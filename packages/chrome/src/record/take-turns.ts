import { setImmediate } from 'node:timers/promises';

const TURN_MS = 20;

/**
 * For work that is long, in many short pieces.
 *
 * @returns to be awaited before each piece: resolves at once for 20 ms, then when everybody else has had a turn
 */
export function takeTurns(): () => Promise<void> {
  let beganAt = performance.now();
  return async () => {
    if (performance.now() - beganAt < TURN_MS) return;
    await setImmediate();
    beganAt = performance.now();
  };
}
