import { type Evidence, type Recording, takePicture } from '@gantry/chrome';
import { type AttemptRef, pause } from '@gantry/core';
import type { Browser, Page } from 'puppeteer-core';

import { cleanText } from '../reports/clean-json.ts';
import { keepArtifact, type NewFile } from '../reports/keep-artifact.ts';
import type { WorkerDeps } from '../worker-deps.ts';

const PAGE_DEADLINE_MS = 2_000;
const BODIES_DEADLINE_MS = 500;
/** The job's own page, and those that it opened last. */
const MAX_PAGES = 3;

type Look = { html: string | null; picture: Uint8Array | null };

/** What is known of a run: what its pages look like now, and what was recorded of them, with the secrets taken out. */
export type RunEvidence = { looks: Look[]; evidence: Evidence };

/**
 * Gathers what is known of a run; pictures of its pages only if it has failed. No page is waited for long: it may answer
 * nothing any more, and then what was recorded on our side is there alone.
 */
export async function gatherEvidence(
  attempt: { input: unknown },
  o: { page: Page; recording: Recording; hasFailed: boolean; signal: AbortSignal },
): Promise<RunEvidence> {
  const pages = await listPages(o.page, o.signal);
  const looks: Look[] = [];
  // One after the other: the full Chrome draws the tab in front alone.
  for (const page of pages) looks.push(await lookAt(page, o));
  const evidence = await o.recording.collect({
    html: looks.flatMap(({ html }) => html ?? []),
    secrets: attempt.input,
    signal: AbortSignal.any([o.signal, AbortSignal.timeout(BODIES_DEADLINE_MS)]),
  });
  return { looks, evidence };
}

/** Keeps what the pages of a failed run looked like, what they said and what they asked for, as far as it goes in time. */
export async function keepFailureEvidence(
  deps: WorkerDeps & { maxStorageBytes: number },
  attempt: AttemptRef,
  { looks, evidence, signal }: RunEvidence & { signal: AbortSignal },
): Promise<void> {
  const files = [
    textFile('console.log', 'text/plain', evidence.console),
    textFile('network.har', 'application/json', evidence.har),
    ...looks.flatMap((look, index) => toFiles(look, index, evidence)),
  ];
  // At once, so that one slow file does not cost the others.
  await Promise.all(
    files.map(async (file) => {
      if (signal.aborted || file.body.length === 0) return;
      await keepArtifact(deps, attempt, file, signal).catch((error: unknown) =>
        deps.log.debug({ err: error, jobId: attempt.jobId }, `${file.name} could not be kept`),
      );
    }),
  );
}

/** The job's own page first, then those that were opened last. */
async function listPages(page: Page, signal: AbortSignal): Promise<Page[]> {
  const browser: Browser = page.browser();
  const open = (await inTime(() => browser.pages(), signal)) ?? [];
  const others = open.filter((each) => each !== page).slice(1 - MAX_PAGES);
  return page.isClosed() ? others : [page, ...others];
}

async function lookAt(page: Page, o: { hasFailed: boolean; signal: AbortSignal }): Promise<Look> {
  const [html, picture] = await Promise.all([
    inTime(() => page.content(), o.signal),
    o.hasFailed ? inTime(() => takePicture(page, { timeoutMs: PAGE_DEADLINE_MS }), o.signal) : null,
  ]);
  return { html, picture };
}

function toFiles({ html, picture }: Look, index: number, evidence: Evidence): NewFile[] {
  const name = index === 0 ? 'failure' : `failure-page-${index + 1}`;
  return [
    { name: `${name}.png`, contentType: 'image/png', body: picture ?? new Uint8Array() },
    textFile(`${name}.html`, 'text/html', html === null ? '' : evidence.cleanHtml(html)),
  ];
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
