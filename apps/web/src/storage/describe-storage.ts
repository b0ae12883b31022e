import type { QueueInfo } from '@gantry/client';

import { formatBytes } from '../format/format-bytes.ts';

const NEARLY_FULL = 0.8;

/** How much of their storage a user uses, in words, and whether little or nothing is left. */
export function describeStorage({ usedBytes, maxBytes }: QueueInfo['storage']): {
  text: string;
  state: 'free' | 'nearly full' | 'full';
} {
  const state = usedBytes >= maxBytes ? 'full' : usedBytes >= NEARLY_FULL * maxBytes ? 'nearly full' : 'free';
  return { text: `${formatBytes(usedBytes)} of ${formatBytes(maxBytes)} used`, state };
}
