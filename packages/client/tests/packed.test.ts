import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

// What is published, used from outside the workspace as anybody would.

const PACKAGE = resolve(import.meta.dirname, '..');
const CONSUMER = `
import { createGantryClient, type GantryApiError, type JobStatusView } from '@gantry/client';

const gantry = createGantryClient({ url: 'http://127.0.0.1:3001', getToken: () => 'token' });

export async function run(): Promise<string> {
  const { jobId } = await gantry.jobs.submit({ serviceId: 'ctg-port-tracking', file: { name: 'a.csv', data: new Blob(['x']) } });
  for await (const event of gantry.jobs.watch(jobId)) {
    if (event.type === 'row') event.data.index.toFixed();
    // @ts-expect-error a row has no such property
    if (event.type === 'row') event.data.nothing;
  }
  const job: JobStatusView = await gantry.jobs.waitFor(jobId);
  // @ts-expect-error there are five states
  if (job.status === 'done') return '';
  // @ts-expect-error a service is needed
  await gantry.jobs.submit({});
  type IsAny<T> = 0 extends 1 & T ? true : false;
  const notAny: [IsAny<typeof job>, IsAny<typeof job.progress>, IsAny<GantryApiError['code']>] = [false, false, false];
  return String(notAny) + (job.error?.message ?? '');
}
`;

let directory: string;
const run = (file: string, args: string[], cwd: string) =>
  promisify(execFile)(file, args, { cwd, timeout: 240_000 });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-consumer-'));
  await run(join(PACKAGE, 'node_modules/.bin/tsdown'), [], PACKAGE);
  await run('npx', ['--yes', 'pnpm@12.21.0', 'pack', '--pack-destination', directory], PACKAGE);
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz')) ?? '';
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, 'typescript@5.9'], directory);
  await writeFile(join(directory, 'consumer.ts'), CONSUMER);
}, 300_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

test('holds the router’s types and nothing of the server', async () => {
  const types = await readFile(join(directory, 'node_modules/@gantry/client/dist/index.d.ts'), 'utf8');
  const code = await readFile(join(directory, 'node_modules/@gantry/client/dist/index.js'), 'utf8');
  const imports = (text: string) =>
    [...text.matchAll(/^(?:import|export)[^'"\n]*['"]([^'"]+)['"]/gm)].map(([, from]) => from);
  expect(new Set(imports(types))).toEqual(new Set(['@trpc/server']));
  expect(new Set(imports(code))).toEqual(new Set(['@trpc/client', 'eventsource']));
  expect(await readdir(join(directory, 'node_modules/@gantry/client'))).toEqual(
    expect.arrayContaining(['README.md', 'dist', 'package.json']),
  );
});

const OPTIONS = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  'false',
  '--module',
  'nodenext',
  '--target',
  'es2022',
  '--lib',
  'es2024,dom,dom.asynciterable,dom.iterable',
];

test('type-checks strictly on TypeScript 5.9 and 7', { timeout: 120_000 }, async () => {
  for (const tsc of [join(directory, 'node_modules/.bin/tsc'), join(PACKAGE, 'node_modules/.bin/tsc')]) {
    const { stdout } = await run(tsc, [...OPTIONS, 'consumer.ts'], directory).catch(
      (error: { stdout: string }) => error,
    );
    // @trpc's own declarations want Node's types; what is judged here is ours and the consumer's.
    const ours = (stdout ?? '')
      .split('\n')
      .filter((line) => /^\S.*error TS/.test(line) && !line.includes('node_modules/@trpc/'));
    expect(ours).toEqual([]);
  }
});

test('runs in plain Node', async () => {
  const { stdout } = await run(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createGantryClient } from '@gantry/client'; console.log(Object.keys(createGantryClient({ url: 'http://x', getToken: () => null })).join())`,
    ],
    directory,
  );
  expect(stdout.trim()).toBe('jobs,services,queue,admin');
});
