import { useCallback, useEffect, useState } from 'react';

/** Pictures come twice a second; ten times is smooth enough for the clock. */
const TICK_MS = 100;

/** The position in a recording, and how it moves. */
export type Playback = {
  atMs: number;
  isPlaying: boolean;
  speed: number;
  /** Plays, from the start if the end was reached; or pauses. */
  toggle: () => void;
  seek: (atMs: number) => void;
  setSpeed: (speed: number) => void;
};

/** Plays a recording of this length. It does not begin by itself. */
export function usePlayback(durationMs: number): Playback {
  const [atMs, setAtMs] = useState(0);
  const [isOn, setIsOn] = useState(false);
  const [speed, setSpeed] = useState(1);
  const isPlaying = isOn && atMs < durationMs;
  useEffect(() => {
    if (!isPlaying) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const passed = (now - last) * speed;
      last = now;
      setAtMs((before) => Math.min(durationMs, before + passed));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [isPlaying, speed, durationMs]);
  // Lists of thousands of places are given it, and are not to be drawn again for each tick of the clock.
  const seek = useCallback(
    (to: number) => {
      // What has come to its end does not start again when the user seeks to an earlier place.
      if (!isPlaying) setIsOn(false);
      setAtMs(Math.min(durationMs, Math.max(0, to)));
    },
    [isPlaying, durationMs],
  );
  return {
    atMs,
    isPlaying,
    speed,
    toggle() {
      if (!isPlaying && atMs >= durationMs) setAtMs(0);
      setIsOn(!isPlaying);
    },
    seek,
    setSpeed,
  };
}
