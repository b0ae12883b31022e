import { type RefObject, useSyncExternalStore } from 'react';

/** Shows an element on the whole screen and back. Not possible on every phone. */
export function useFullScreen(ref: RefObject<HTMLElement | null>) {
  const isFull = useSyncExternalStore(
    subscribe,
    () => ref.current !== null && document.fullscreenElement === ref.current,
  );
  return {
    isPossible: document.fullscreenEnabled,
    isFull,
    toggle: () => void (isFull ? document.exitFullscreen() : ref.current?.requestFullscreen()),
  };
}

function subscribe(onChange: () => void): () => void {
  document.addEventListener('fullscreenchange', onChange);
  return () => document.removeEventListener('fullscreenchange', onChange);
}
