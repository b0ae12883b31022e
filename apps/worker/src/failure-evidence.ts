import { type AttemptRef, pause } from '@gantry/core';
import type { Page } from 'puppeteer-core';

import { cleanText } from './clean-json.ts';
import { keepArtifact, type NewFile } from './keep-artifact.ts';
import type { PageRecording } from './page-recorder.ts';
import type { WorkerDeps } from './worker-deps.ts';

const PAGE_DEADLINE_MS = 2_000;
const DEADLINE_MS = 5_000;
const LONGEST_HTML = 2_000_000;

/**
 * Keeps what the page looked like when its run failed, what it said and what it asked for. Under a deadline: a page
 * that failed may answer nothing, and what it cannot give is left out.
 */
export async function keepFailureEvidence(
  deps: WorkerDeps,
  attempt: AttemptRef,
  o: { page: Page; recording: PageRecording; lease: AbortSignal },
): Promise<void> {
  const signal = AbortSignal.any([o.lease, AbortSignal.timeout(DEADLINE_MS)]);
  const [html, picture] = await Promise.all([
    inTime(() => o.page.content(), signal),
    inTime(() => o.page.screenshot({ type: 'png' }), signal),
  ]);
  const files: NewFile[] = [
    { name: 'failure.png', contentType: 'image/png', body: picture ?? new Uint8Array() },
    textFile('failure.html', 'text/html', html?.slice(0, LONGEST_HTML) ?? ''),
    textFile('console.log', 'text/plain', o.recording.console.join('\n')),
    textFile('network.log', 'text/plain', o.recording.network.join('\n')),
  ];
  for (const file of files) {
    if (signal.aborted || file.body.length === 0) continue;
    await keepArtifact(deps, attempt, file, signal).catch((error: unknown) =>
      deps.log.debug({ err: error, jobId: attempt.jobId }, `${file.name} could not be kept`),
    );
  }
}

/** What the page gives in time; null if it does not. */
async function inTime<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  const late = new AbortController();
  const answer = ask().catch(() => null);
  const wait = pause(PAGE_DEADLINE_MS, AbortSignal.any([late.signal, signal])).then(() => null);
  const result = await Promise.race([answer, wait]);
  late.abort();
  return result;
}

function textFile(name: string, type: string, text: string): NewFile {
  return { name, contentType: `${type}; charset=utf-8`, body: Buffer.from(cleanText(text)) };
}
