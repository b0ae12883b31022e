import type { ServerResponse } from 'node:http';

import { expect } from 'vitest';

import { openSite } from './site.ts';

/** Somebody who came to the gate. */
export type Visit = { attempt: number; row: number };

/**
 * A small site outside of the queue that the rows of a test's job visit. It holds back those it is told to, and keeps
 * its own record of who came: what the queue says of itself can be compared with it.
 */
export async function openGate(o: { isOpen: (visit: Visit) => boolean }) {
  const visits: Visit[] = [];
  const held: ServerResponse[] = [];
  let isOpenToAll = false;
  const site = await openSite((request, response) => {
    const [, attempt, row] = (request.url ?? '').split('/').map(Number);
    const visit = { attempt: attempt ?? 0, row: row ?? 0 };
    visits.push(visit);
    if (isOpenToAll || o.isOpen(visit)) response.end();
    else held.push(response);
  });
  return {
    url: site.origin,
    visits,
    /** Waits until this is the last visit. */
    untilVisit: (visit: Visit) => expect.poll(() => visits.at(-1), { interval: 20 }).toEqual(visit),
    /** Lets everybody through. */
    open() {
      isOpenToAll = true;
      for (const response of held.splice(0)) response.end();
    },
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}
