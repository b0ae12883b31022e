import { readdir, readlink } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import type { AutomationContext, DownloadPolicy } from '@gantry/automations';
import { expect, test } from 'vitest';

import { createQueue, type Queue } from '../fixture.ts';
import { openSite } from '../site.ts';
import { automationOf } from '../test-automations.ts';

const PDF = '%PDF-1.4\n%%EOF';
const LOGIN = '<!DOCTYPE html><title>Sign in</title>';
const POLICY = { maxFiles: 5, maxBytes: 1_000_000 };

/** What this process has open below a directory. */
async function openFiles(directory: string): Promise<string[]> {
  const names = await readdir('/proc/self/fd');
  const paths = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return paths.filter((path) => path.startsWith(directory));
}

/** A site with files, a queue, and a job that does something there. */
async function runOn(
  policy: DownloadPolicy | undefined,
  run: (context: AutomationContext, origin: string) => Promise<unknown>,
) {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(
    await openSite(({ url = '' }, response) => {
      const files: Record<string, string> = { '/a.pdf': PDF, '/a.csv': 'a,b', '/login.csv': LOGIN };
      const body = files[url];
      if (body === undefined)
        response.writeHead(200, { 'content-type': 'text/html' }).end('<input type="file">');
      else
        response
          .writeHead(200, { 'content-disposition': `attachment; filename="${url.slice(1)}"` })
          .end(body);
    }),
  );
  const queue: Queue = stack.use(await createQueue());
  const automation = automationOf((context) => run(context, site.origin).then(() => {}), {
    egress: site.egress,
    maxAttempts: 1,
    ...(policy && { downloads: policy }),
  });
  stack.use(await queue.startWorker([automation]));
  const jobId = await queue.submit('a-service', { csv: 'given,to,the,job' });
  const resources = stack.move();
  return { queue, jobId, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('a downloaded file is told by its content, and can be read and kept', async () => {
  const seen: unknown[] = [];
  await using o = await runOn(POLICY, async (context, origin) => {
    for (const name of ['a.pdf', 'a.csv', 'login.csv']) {
      const file = await context.download(() => context.page.goto(`${origin}/${name}`));
      seen.push([file.name, file.size, file.contentType, await text(file.open())]);
      await context.artifact({ ...file, body: await file.bytes() });
    }
  });
  await o.queue.untilStatus(o.jobId, 'completed');
  expect(seen).toEqual([
    ['a.pdf', PDF.length, 'application/pdf', PDF],
    ['a.csv', 3, 'text/csv', 'a,b'],
    ['login.csv', LOGIN.length, 'text/html', LOGIN],
  ]);
  const { artifacts } = await o.queue.results(o.jobId);
  expect(artifacts.map(({ name, contentType }) => [name, contentType])).toEqual(
    expect.arrayContaining([
      ['a.pdf', 'application/pdf'],
      ['a.csv', 'text/csv'],
    ]),
  );
});

test.for([
  ['it has not declared downloads', undefined, 'DOWNLOADS_NOT_DECLARED', 'a.csv'],
  [
    'the content is of another type',
    { ...POLICY, types: ['text/csv'] },
    'DOWNLOAD_TYPE_REFUSED',
    'login.csv',
  ],
  ['the file is too large', { ...POLICY, maxBytes: 2 }, 'DOWNLOAD_TOO_LARGE', 'a.csv'],
] as const)('an automation gets no file when %s', async ([, policy, code, name]) => {
  await using o = await runOn(policy, ({ page, download }, origin) =>
    download(() => page.goto(`${origin}/${name}`)),
  );
  expect((await o.queue.untilStatus(o.jobId, 'failed')).error?.code).toBe(code);
});

test('a file that was opened and not read to its end is closed when the run has ended', async () => {
  await using o = await runOn(POLICY, async (context, origin) => {
    const file = await context.download(() => context.page.goto(`${origin}/a.pdf`));
    await file.open()[Symbol.asyncIterator]().next();
  });
  await o.queue.untilStatus(o.jobId, 'completed');
  await expect.poll(() => openFiles(o.queue.directory)).toEqual([]);
});

test("the job's own file can be given to a page", async () => {
  const seen: unknown[] = [];
  await using o = await runOn(undefined, async ({ page, file, uploadFile }, origin) => {
    await page.goto(origin);
    const field = await page.$('input');
    if (!field || !file) throw new Error('Something is missing.');
    await uploadFile(field, { name: file.name, body: await file.bytes() });
    seen.push(await page.evaluate(() => document.querySelector('input')?.files?.[0]?.text()));
  });
  await o.queue.untilStatus(o.jobId, 'completed');
  expect(seen).toEqual(['given,to,the,job']);
});
