// Jobs that are traced and watched live from their first moment: `pnpm --filter @gantry/bench port-stress`. Each looks two
// containers up on the demo port, beside a film and a screencast that begin within the same few milliseconds, and must come
// to its end. Prints how many did not; exits with 1 if any. `--jobs 50`, `--rows 2`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { type Automation, type AutomationContext, createAutomations } from '@gantry/automations';
import { startDemoPort } from '@gantry/automations/demo-port';
import {
  type BrowserPool,
  FrameLog,
  filmBrowser,
  findBrowser,
  openBrowserPool,
  recordBrowser,
  screencast,
} from '@gantry/chrome';
import { TEST_CACHE_DIR } from '@gantry/chrome/testing';
import { checkDigit, readSheet } from '@gantry/sheet';

/** A row takes a second or two; the port's own limit for a page is a minute. */
const STUCK_AFTER_MS = 90_000;
const LIVE_VIEW = { framesPerSecond: 10, maxWidth: 1280, maxHeight: 1280, quality: 60 };

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '50' }, rows: { type: 'string', default: '2' } },
});
const jobs = Number(values.jobs);
const numbers = Array.from({ length: 100 }, (_, index) => `GTRU${100_000 + index}`);

await using stack = new AsyncDisposableStack();
const rootDir = await mkdtemp(join(tmpdir(), 'gantry-stress-'));
stack.defer(() => rm(rootDir, { recursive: true, force: true }));
const port = stack.use(await startDemoPort({ manners: { slowMs: [150, 900] } }));
const [automation] = createAutomations({
  ctgPort: { baseUrl: port.url, pauseMs: 10, pageTimeoutMs: 60_000 },
  pageCapture: { allowPrivateOrigins: [] },
});
if (!automation) throw new Error('There is no automation.');
const binary = await findBrowser({ cacheDir: TEST_CACHE_DIR });
const pool = stack.use(
  await openBrowserPool({ binary, rootDir, workerId: 'stress', warmBrowsers: 1, minFreeMemoryBytes: 0 }),
);
let stuck = 0;
for (let job = 1; job <= jobs; job++) {
  const begin = performance.now();
  const isDone = await runJob(pool, automation, `job-${job}`);
  if (!isDone) stuck += 1;
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`job ${job}: ${isDone ? 'done' : 'STUCK'} after ${seconds} s\n`);
}
process.stdout.write(`${stuck} of ${jobs} jobs did not end\n`);
process.exitCode = stuck > 0 ? 1 : 0;

/** @returns whether it ended */
async function runJob(browsers: BrowserPool, service: Automation, jobId: string): Promise<boolean> {
  await using session = await browsers.take({
    owner: { workerId: 'stress', jobId, attempt: 1 },
    egress: service.egress,
  });
  const ended = new AbortController();
  // A viewer who waited for the job: the live view begins with the browser, beside the recording and the film.
  void pause(Math.random() * 6, undefined, { signal: ended.signal }).then(() => {
    const cast = screencast(session.page, { ...LIVE_VIEW, onFrame: () => pause(15) });
    ended.signal.addEventListener('abort', () => cast[Symbol.dispose]());
  });
  await recordBrowser(session.page);
  await filmBrowser(session.page, new FrameLog({ stretchMs: 500, maxBytes: 20_000_000 }));
  const result = service.run(await contextOf(service, session.page, jobId, ended.signal));
  const isDone = await Promise.race([
    result.then(() => true),
    pause(STUCK_AFTER_MS, false, { signal: ended.signal }),
  ]);
  result.catch(() => {});
  ended.abort();
  return isDone;
}

async function contextOf(
  { file }: Automation,
  page: AutomationContext['page'],
  jobId: string,
  signal: AbortSignal,
): Promise<AutomationContext> {
  if (!file) throw new Error('The service takes no file.');
  const rows = numbers.slice(0, Number(values.rows));
  const sheet = await readSheet(Buffer.from(`Container\n${rows.map(withCheckDigit).join('\n')}\n`), file);
  const refuse = () => Promise.reject(new Error('Not in this measure.'));
  return {
    jobId,
    attempt: 1,
    page,
    input: {},
    ...sheet,
    dependencies: [],
    completedRows: new Map(),
    checkpoint: { get: () => null, set: () => Promise.resolve() },
    progress() {},
    step() {},
    log() {},
    emitRow: () => Promise.resolve(),
    artifact: () => Promise.resolve(),
    browserFailure: null,
    refusalOf: () => null,
    file: null,
    download: refuse,
    uploadFile: refuse,
    signal,
  };
}

function withCheckDigit(number: string): string {
  return `${number}${checkDigit(`${number}0`)}`;
}
