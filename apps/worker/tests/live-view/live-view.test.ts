import type { AutomationContext } from '@gantry/automations';
import { sweepBrowsers } from '@gantry/chrome';
import { requestLiveView } from '@gantry/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchWithPort } from '../../../../packages/chrome/tests/elsewhere.ts';
import { createGantryClient, type LiveFrame } from '../../../../packages/client/src/index.ts';
import { type Api, startApi } from '../../../api/tests/fixture.ts';
import { startWorker } from '../../src/start-worker.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { quickConfig } from '../process-settings.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { automationOf } from '../test-automations.ts';

// The machine may be busy with other tests.
let api: Api;
let queue: Queue;
beforeAll(async () => {
  api = await startApi();
  const { databaseUrl } = api.database;
  // The API's own, which ends with it.
  const database = {
    databaseUrl,
    createUser: () => api.database.createUser(),
    [Symbol.asyncDispose]: async () => {},
  };
  queue = await createQueue({ database });
});
afterAll(async () => {
  // Of the worker that was killed.
  await sweepBrowsers({ rootDir: queue.browserRootDir });
  await queue[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** Somebody who looks at a job, and what is shown to them. */
async function look(jobId: string, token: string) {
  const abort = new AbortController();
  const frames: LiveFrame[] = [];
  const states: string[] = [];
  const gantry = createGantryClient({ url: api.url, getToken: () => token });
  const options = { signal: abort.signal, onState: (state: string) => void states.push(state) };
  const end = (async () => {
    for await (const frame of gantry.jobs.live(jobId, options)) frames.push(frame);
  })();
  return {
    frames,
    states,
    end,
    async [Symbol.asyncDispose]() {
      abort.abort();
      await end;
    },
  };
}

/** An automation whose page counts until it is told to end; what it knows of the sessions that others open with its browser. */
function createShow(id: string) {
  const sessions = { opened: 0, closed: 0 };
  const end = Promise.withResolvers<void>();
  const run = async (context: AutomationContext) => {
    const { page, signal, attempt } = context;
    const connection = (await page.createCDPSession()).connection();
    connection?.on('sessionattached', () => void sessions.opened++);
    connection?.on('sessiondetached', () => void sessions.closed++);
    await page.setContent('<body>0');
    await page.evaluate(
      'setInterval(() => { document.body.textContent = Number(document.body.textContent) + 1 }, 50)',
    );
    context.step(`counting ${attempt}`);
    await Promise.race([
      end.promise,
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
  };
  return { automation: automationOf(run, { id }), sessions, end };
}

test('all who look share one screencast, which stops when the last of them has gone', async () => {
  const { automation, sessions, end } = createShow('shared');
  await using _worker = await queue.startWorker([automation]);
  const owner = await api.newUser();
  const admin = await api.newUser(true);
  const jobId = await queue.submit('shared', { userId: owner.id });
  await queue.untilStep(jobId, 'counting 1');
  expect(sessions).toEqual({ opened: 0, closed: 0 });
  {
    await using first = await look(jobId, owner.token);
    await using second = await look(jobId, admin.token);
    await expect
      .poll(() => [first.frames.length, second.frames.length].every((count) => count > 5))
      .toBe(true);
    expect(first.frames[0]).toMatchObject({ jobId, attempt: 1 });
    expect(first.frames[0]?.image.type).toBe('image/jpeg');
    expect(first.states.at(-1)).toBe('live');
    // One with the browser, one with its page.
    expect(sessions).toEqual({ opened: 2, closed: 0 });
  }
  await expect.poll(() => sessions).toEqual({ opened: 2, closed: 2 });

  // Whoever comes later begins anew.
  await using third = await look(jobId, owner.token);
  await expect.poll(() => third.frames.length).toBeGreaterThan(2);
  end.resolve();
  await third.end;
  expect(third.states.at(-1)).toBe('ended');
  await queue.untilStatus(jobId, 'completed');
});

test('a job in a browser that runs elsewhere is shown as well', async () => {
  const { automation, end } = createShow('elsewhere');
  await using elsewhere = await launchWithPort();
  const browser = { ...quickConfig().browser, endpoint: elsewhere.endpoint };
  const worker = await startWorker({ ...queue.deps([automation], { browser }), binary: null });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => worker.stop('release'));
  const owner = await api.newUser();
  const jobId = await queue.submit('elsewhere', { userId: owner.id });
  await using looking = await look(jobId, owner.token);
  await expect.poll(() => looking.frames.length).toBeGreaterThan(5);
  end.resolve();
  await looking.end;
  expect(looking.states.at(-1)).toBe('ended');
  await queue.untilStatus(jobId, 'completed');
  expect(await elsewhere.contexts()).toBe(0);
});

test('an address that is none ends the view, and nothing else', async () => {
  const { automation, end } = createShow('astray');
  await using _worker = await queue.startWorker([automation]);
  const owner = await api.newUser();
  const jobId = await queue.submit('astray', { userId: owner.id });
  await queue.untilStep(jobId, 'counting 1');
  const token = 'x'.repeat(43);
  await requestLiveView(api.pool, { jobId, attempt: 1, size: 'full', token, url: 'nowhere', ttlMs: 60_000 });
  const asked = async () => (await api.pool.query('select 1 from gantry.live_views')).rowCount;
  await expect.poll(asked).toBe(0);

  await using looking = await look(jobId, owner.token);
  await expect.poll(() => looking.frames.length).toBeGreaterThan(0);
  end.resolve();
  await queue.untilStatus(jobId, 'completed');
});

test('whoever looks before a job runs sees it from its beginning, and a page at rest at once', async () => {
  const { automation, end } = createShow('early');
  const owner = await api.newUser();
  {
    await using _publisher = await queue.startWorker([automation]);
  }
  const jobId = await queue.submit('early', { userId: owner.id });
  await using early = await look(jobId, owner.token);
  await expect.poll(() => early.states).toEqual(['waiting']);
  await using _worker = await queue.startWorker([automation]);
  await expect.poll(() => early.frames.length).toBeGreaterThan(0);
  expect(early.states.slice(0, 3)).toEqual(['waiting', 'connecting', 'live']);

  await using late = await look(jobId, owner.token);
  await expect.poll(() => late.frames.length).toBeGreaterThan(0);
  end.resolve();
});

test('a job whose worker is killed is shown again where it goes on', async () => {
  await using gate = await openGate({ isOpen: () => false });
  const owner = await api.newUser();
  const first = await spawnWorker(queue, gate.url);
  await using stack = new AsyncDisposableStack();
  stack.use(first);
  const jobId = await queue.submit('rows', { userId: owner.id });
  await using looking = await look(jobId, owner.token);
  await expect.poll(() => looking.frames.length).toBeGreaterThan(0);

  first.send('SIGKILL');
  await first.exited;
  await using _second = await spawnWorker(queue, gate.url);
  await expect.poll(() => looking.frames.at(-1)?.attempt).toBe(2);
  expect(looking.states.join(' ')).toMatch(/^.*live (connecting )?waiting connecting live$/);
});
