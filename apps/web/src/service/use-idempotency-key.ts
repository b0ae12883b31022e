import { useRef } from 'react';

/**
 * Gives the same key for the same content: sending once more after a broken connection then finds the
 * first job instead of starting a second. To be asked when sending, not while drawing.
 */
export function useIdempotencyKey(): (content: readonly unknown[]) => string {
  const held = useRef<{ content: readonly unknown[]; key: string } | null>(null);
  return (content) => {
    if (!held.current || content.some((value, index) => value !== held.current?.content[index])) {
      held.current = { content, key: newKey() };
    }
    return held.current.key;
  };
}

/** `crypto.randomUUID` exists on secure origins only; a Gantry in a local network may be none. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
