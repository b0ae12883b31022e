import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';

import type { Automation } from '../src/index.ts';
import { openBrowser, prepareRun } from './fixture.ts';

const PACKAGE = resolve(import.meta.dirname, '..');

/** The first example of the page, as it would be with the sources; only its imports are made to fit where it is. */
async function readExample(directory: string): Promise<string> {
  const text = await readFile(join(PACKAGE, '../../docs/automations.md'), 'utf8');
  const [, example = ''] = /^```ts\n(.*?)^```/ms.exec(text) ?? [];
  const path = join(directory, 'page-title.ts');
  await writeFile(path, example.replaceAll("from '../", "from '../../src/"));
  return path;
}

test('the example of the documentation is checked, and answers a list with dead and wrong addresses', async () => {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(PACKAGE, 'tests/example-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const path = await readExample(directory);
  const config = { extends: '../../tsconfig.json', include: ['*.ts'] };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
  await promisify(execFile)(join(PACKAGE, 'node_modules/.bin/tsc'), ['--noEmit', '-p', directory]);

  const site = createServer((request, response) => {
    if (request.url === '/broken') request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Hello</title>');
  }).listen(0, '127.0.0.1');
  stack.defer(() => {
    site.closeAllConnections();
    site.close();
  });
  await once(site, 'listening');
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('The site has no port.');
  const origin = `http://127.0.0.1:${address.port}`;

  const { pageTitle: automation }: { pageTitle: Automation } = await import(pathToFileURL(path).href);
  // The example goes to the internet; this site is not there.
  const browser = stack.use(
    await openBrowser({ ...automation.egress, allowPrivateOrigins: [origin] }, async () => {
      throw new Error('ENOTFOUND');
    }),
  );
  const run = await prepareRun({
    automation,
    page: browser.page,
    refusalOf: browser.refusalOf,
    file: `Link\n${origin}/broken\nnot an address\nhttp://no-such-name.invalid/\nhttp://10.0.0.1/\n${origin}/\n`,
  });
  expect((await run.finish()).summary).toMatchObject({ total: 5, completed: 1, failed: 3, invalid: 1 });
  expect(run.rows.map(({ status, error, data }) => error?.code ?? [status, data])).toEqual([
    'PAGE_UNAVAILABLE',
    expect.any(String),
    'SITE_NOT_FOUND',
    'BLOCKED_URL',
    ['completed', { title: 'Hello' }],
  ]);
  expect(run.rows[1]?.status).toBe('invalid');
  expect([...run.files.keys()]).toEqual(['results.csv', 'results.xlsx']);
  const table: Record<string, string>[] = parse(Buffer.from(run.files.get('results.csv') ?? []), {
    bom: true,
    columns: true,
  });
  expect(table.map((row) => [row['Line'], row['Status'], row['Title']])).toEqual([
    ['2', 'failed', ''],
    ['3', 'invalid', ''],
    ['4', 'failed', ''],
    ['5', 'failed', ''],
    ['6', 'completed', 'Hello'],
  ]);
});
