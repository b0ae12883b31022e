import type { AttemptRef } from '@gantry/core';
import { pause } from '@gantry/core';
import type { Page } from 'puppeteer-core';

import { keepArtifact } from './keep-artifact.ts';
import type { WorkerDeps } from './worker-deps.ts';

const DEADLINE_MS = 5_000;
const LONGEST_HTML = 2_000_000;
const MOST_CONSOLE_LINES = 500;

/** Remembers the last lines of a page's console. */
export function watchConsole(page: Page): { lines: string[] } {
  const lines: string[] = [];
  const add = (line: string) => {
    lines.push(line.slice(0, 1000));
    if (lines.length > MOST_CONSOLE_LINES) lines.shift();
  };
  page.on('console', (message) => add(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => add(`error: ${String(error)}`));
  return { lines };
}

/** Keeps what the page looked like when its run failed. Under a deadline: a page that failed may answer nothing. */
export async function keepFailureEvidence(
  deps: WorkerDeps,
  attempt: AttemptRef,
  o: { page: Page; consoleLines: string[] },
): Promise<void> {
  const done = new AbortController();
  const collect = async () => {
    const html = (await o.page.content()).slice(0, LONGEST_HTML);
    const files = [
      { name: 'failure.html', contentType: 'text/html; charset=utf-8', body: Buffer.from(html) },
      {
        name: 'console.log',
        contentType: 'text/plain; charset=utf-8',
        body: Buffer.from(o.consoleLines.join('\n')),
      },
      { name: 'failure.png', contentType: 'image/png', body: await o.page.screenshot({ type: 'png' }) },
    ];
    for (const file of files)
      if (!done.signal.aborted && file.body.length > 0) await keepArtifact(deps, attempt, file);
  };
  await Promise.race([
    collect().catch((error: unknown) =>
      deps.log.debug({ err: error }, 'no evidence of the failure could be kept'),
    ),
    pause(DEADLINE_MS, done.signal),
  ]);
  done.abort();
}
