import { useState } from 'react';

/** Whether moving pictures are paused: at first for people who asked their system for less motion, then as they say. */
export function usePause() {
  const [isPaused, setIsPaused] = useState(() => matchMedia('(prefers-reduced-motion: reduce)').matches);
  return { isPaused, toggle: () => setIsPaused((before) => !before) };
}
