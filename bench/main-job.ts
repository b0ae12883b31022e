// The figures of the main job: `pnpm --filter @gantry/bench main-job`. Needs a running Gantry (GANTRY_URL, by default
// http://127.0.0.1:3001) with the demo accounts, and works through a list of 300 containers on its demo port.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

import { createGantryClient } from '@gantry/client';

const ROOT = resolve(import.meta.dirname, '..');
const url = process.env['GANTRY_URL'] ?? 'http://127.0.0.1:3001';
const show = (name: string, value: string) => process.stdout.write(`${name.padEnd(44)}${value}\n`);

const response = await fetch(`${url}/auth/v1/token?grant_type=password`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email: 'demo@gantry.local', password: 'gantry-demo' }),
});
const { access_token: token }: { access_token: string } = JSON.parse(await response.text());
const gantry = createGantryClient({ url, getToken: () => token });

const csv = readFileSync(resolve(ROOT, 'examples/fcr_numbers_300.csv'));
const begin = performance.now();
const { jobId } = await gantry.jobs.submit({
  serviceId: 'ctg-port-tracking',
  file: { name: '300.csv', data: new Blob([csv]) },
});
let firstRow: number | null = null;
let isMeasured = false;
for await (const event of gantry.jobs.watch(jobId)) {
  if (event.type === 'row' && event.data.status !== 'invalid') firstRow ??= performance.now();
  if (event.type === 'progress' && event.data.done > 100 && !isMeasured) {
    isMeasured = true;
    showMemory();
  }
}
const seconds = (end: number) => `${((end - begin) / 1000).toFixed(1)} s`;
show('submit to first answered row', seconds(firstRow ?? Number.NaN));
show('300 rows, submit to completed', seconds(performance.now()));
const { summary } = await gantry.jobs.results(jobId);
show('summary', JSON.stringify(summary));

const assets = resolve(ROOT, 'apps/web/dist/assets');
const sizes = readdirSync(assets)
  .filter((name) => name.endsWith('.js') || name.endsWith('.css'))
  .map((name) => ({ name, bytes: gzipSync(readFileSync(resolve(assets, name))).length }))
  .toSorted((a, b) => b.bytes - a.bytes);
show(
  'web bundle, all chunks, gzip',
  `${Math.round(sizes.reduce((sum, { bytes }) => sum + bytes, 0) / 1000)} kB`,
);
for (const { name, bytes } of sizes.slice(0, 5)) show(`  ${name}`, `${Math.round(bytes / 1000)} kB`);

/** Resident memory of every process of ours, while the job runs. */
function showMemory(): void {
  const lines = execFileSync('ps', ['-eo', 'rss=,args=']).toString().split('\n');
  const groups: [string, RegExp][] = [
    ['start', /scripts\/start\.ts/],
    ['api', /apps\/api\/src\/main\.ts/],
    ['worker', /apps\/worker\/src\/main\.ts/],
    ['postgres, all processes', /postgres: |bin\/postgres /],
    ['browser, all processes', /headless-shell/],
  ];
  for (const [name, pattern] of groups) {
    const kilobytes = lines
      .filter((line) => pattern.test(line))
      .reduce((sum, line) => sum + Number.parseInt(line.trim(), 10), 0);
    show(`resident memory: ${name}`, `${Math.round(kilobytes / 1000)} MB`);
  }
}
