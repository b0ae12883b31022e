/** Whether the tab is the one that its window shows. */
export function isTabShown(): boolean {
  return document.visibilityState === 'visible';
}

/** Calls once the tab has been hidden for so long without a break; not any more once `signal` is aborted. */
export function onTabHidden(afterMs: number, signal: AbortSignal, call: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => {
    clearTimeout(timer);
    if (!signal.aborted && !isTabShown()) timer = setTimeout(call, afterMs);
  };
  document.addEventListener('visibilitychange', check, { signal });
  signal.addEventListener('abort', check);
  check();
}
