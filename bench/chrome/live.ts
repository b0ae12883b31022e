// Live view of a page that never rests, in a process of its own as a worker would be: what it costs, and whether the page
// notices. Without and with it in turn, beside each other.
import { setTimeout as pause } from 'node:timers/promises';

import { launchBrowser, screencast } from '@gantry/chrome';

import { median } from '../report/statistics.ts';
import { cpuMsOf } from './browser-processes.ts';
import type { Order } from './lab.ts';

const VIEW = { framesPerSecond: 10, maxWidth: 800, maxHeight: 600, quality: 60 };
const SECONDS = { full: 5, quick: 1 };
const TURNS = { full: 3, quick: 1 };
const SETTLE_MS = 1_000;

const { binary, rootDir, origin, size }: Order = JSON.parse(process.argv[2] ?? '{}');
await using session = await launchBrowser({
  binary,
  rootDir,
  owner: { workerId: 'bench', jobId: 'job', attempt: 1 },
  egress: { allowPublic: false, allowPrivateOrigins: [origin] },
});
const { page } = session;
await page.setViewport({ width: 800, height: 600 });
await page.goto(`${origin}/moving`);

const unseen: Observation[] = [];
const seen: Observation[] = [];
for (let turn = 0; turn < TURNS[size]; turn++) {
  await pause(SETTLE_MS);
  unseen.push(await observe(() => 0));
  let sent = 0;
  using _view = screencast(page, { ...VIEW, onFrame: () => void (sent += 1) });
  await pause(SETTLE_MS);
  seen.push(await observe(() => sent));
}
const of = (observations: Observation[], what: keyof Observation) =>
  median(observations.map((it) => it[what]));
process.stdout.write(
  JSON.stringify({
    sent: of(seen, 'sent'),
    'drawn, unseen': of(unseen, 'drawn'),
    drawn: of(seen, 'drawn'),
    'cpu, unseen': of(unseen, 'cpu'),
    cpu: of(seen, 'cpu'),
  }),
);

/** Frames that the page has drawn and that were sent, each second, and the share of a core that all took, in percent. */
type Observation = { drawn: number; sent: number; cpu: number };

async function observe(countSent: () => number): Promise<Observation> {
  const read = async () => ({
    at: performance.now(),
    drawn: Number(await page.evaluate('framesDrawn')),
    sent: countSent(),
    cpuMs:
      (await cpuMsOf(binary.executablePath)) +
      process.cpuUsage().user / 1000 +
      process.cpuUsage().system / 1000,
  });
  const begin = await read();
  await pause(SECONDS[size] * 1000);
  const end = await read();
  const seconds = (end.at - begin.at) / 1000;
  return {
    drawn: (end.drawn - begin.drawn) / seconds,
    sent: (end.sent - begin.sent) / seconds,
    cpu: (end.cpuMs - begin.cpuMs) / 10 / seconds,
  };
}
