import type { ScreencastOptions } from '@gantry/chrome';
import type { LiveSize } from '@gantry/core';

/** How a live view is taken. A page is 1280 pixels wide. */
export const LIVE_SIZES: Record<LiveSize, Omit<ScreencastOptions, 'onFrame'>> = {
  full: { framesPerSecond: 10, maxWidth: 1280, maxHeight: 1280, quality: 60 },
  small: { framesPerSecond: 1, maxWidth: 480, maxHeight: 480, quality: 50 },
};
