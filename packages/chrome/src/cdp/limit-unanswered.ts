import type { LaunchOptions } from 'puppeteer-core';

import { ChromeError } from '../chrome-error.ts';

/** The most commands that may wait for their answers. Each takes two kilobytes of this process. */
export const MAX_UNANSWERED = 20_000;

/**
 * Counts the commands that a browser has not answered, by puppeteer's own log of what it sends and hears. It lets go of
 * each object that a page writes to its console by a command, and a page that never stops to write answers none.
 *
 * @param onTooMany called once, when there are too many
 * @returns what is to be given to puppeteer
 */
export function limitUnanswered(onTooMany: () => void): NonNullable<LaunchOptions['logger']> {
  const bySession = new Map<string, number>();
  let unanswered = 0;
  let isOver = false;
  const add = (session: string, count: number) => {
    // Commands of a session that is gone are answered without its id, or not at all.
    const before = bySession.get(session) ?? 0;
    const after = Math.max(0, before + count);
    unanswered += after - before;
    if (after > 0) bySession.set(session, after);
    else bySession.delete(session);
    if (unanswered <= MAX_UNANSWERED || isOver) return;
    isOver = true;
    onTooMany();
  };
  const onSend = (message: string) => add(sessionOf(message), 1);
  const onReceive = (message: string) => {
    if (message.startsWith('{"id":')) return add(sessionOf(message), -1);
    const [, gone] = DETACHED.exec(message.slice(0, 200)) ?? [];
    if (gone !== undefined) add(gone, -Infinity);
  };
  const listeners = new Map([
    ['puppeteer:protocol:SEND ►', onSend],
    ['puppeteer:protocol:RECV ◀', onReceive],
  ]);
  return (prefix) => {
    const listen = listeners.get(prefix);
    return listen && ((message) => listen(String(message)));
  };
}

/** What a job is ended with whose pages leave too much unanswered. */
export function unresponsive(): ChromeError {
  return new ChromeError(
    'BROWSER_UNRESPONSIVE',
    'The pages of this job said more than could be dealt with. Let them write less to their consoles.',
  );
}

const DETACHED = /^\{"method":"Target\.detachedFromTarget","params":\{"sessionId":"(\w+)"/;

/** Whose a command or an answer is: its last word. That of the browser itself has none. */
function sessionOf(message: string): string {
  return /"sessionId":"(\w+)"\}$/.exec(message.slice(-60))?.[1] ?? '';
}
