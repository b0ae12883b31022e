import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { claimJobs, submitJob } from '@gantry/core';
import fastify from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendError } from '../src/http/respond.ts';
import { serverOptions } from '../src/http/server-options.ts';
import { LiveViews } from '../src/live-view/live-views.ts';
import { registerLiveView } from '../src/rest/register-live-view.ts';
import { type Api, startApi } from './fixture.ts';

// The machine may be busy with other tests.
let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** The streams alone, which ask all the time whether their viewers still may, and what is looked at through them. */
async function serveStreams() {
  const { deps } = api;
  const app = fastify(serverOptions(deps.config));
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  const onError = (error: unknown) => expect.unreachable(String(error));
  const views = new LiveViews({ ...deps, url: () => url, onError });
  registerLiveView(app, { ...deps, config: { ...deps.config, streamRecheckMs: 20 } }, views);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    views,
    ask: (path: string, token: string) =>
      get(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } }),
    async [Symbol.asyncDispose]() {
      views[Symbol.dispose]();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** A job that runs, and its owner. */
async function startJob() {
  const owner = await api.newUser();
  const { jobId } = await submitJob(api.pool, { userId: owner.id, serviceId: 'no-file', input: { n: 1 } });
  await claimJobs(api.pool, { workerId: await api.addWorker(), limit: 1, leaseMs: 60_000 });
  return { owner, jobId };
}

/** A connection that may do anything. */
async function connectAsAdmin() {
  const client = new pg.Client({ connectionString: api.database.adminDatabaseUrl });
  await client.connect();
  return {
    query: async (text: string, values?: unknown[]) => (await client.query(text, values)).rows,
    [Symbol.asyncDispose]: () => client.end(),
  };
}

test('whoever is no admin any more sees neither the jobs of others nor the grid, and nothing is fetched for them', async () => {
  await using database = await connectAsAdmin();
  const job = await startJob();
  for (const [path, code] of [
    [`/api/queue/live/${job.jobId}`, 404],
    ['/api/admin/live', 403],
  ] as const) {
    await using streams = await serveStreams();
    const admin = await api.newUser(true);
    const [stream]: IncomingMessage[] = await once(streams.ask(path, admin.token), 'response');
    expect(stream?.statusCode).toBe(200);
    await expect.poll(() => streams.views.count).toBe(1);

    await database.query(`update auth.users set raw_app_meta_data = '{}' where id = $1`, [admin.id]);
    stream?.resume();
    if (stream) await once(stream, 'end');
    await expect.poll(() => streams.views.count).toBe(0);
    const [again]: IncomingMessage[] = await once(streams.ask(path, admin.token), 'response');
    expect(again?.statusCode).toBe(code);
  }
});

test('for whoever left before they were let in nothing is fetched', async () => {
  await using streams = await serveStreams();
  const job = await startJob();
  await using database = await connectAsAdmin();
  await database.query('begin; lock table public.automation_jobs in access exclusive mode');
  const connected = once(streams.app.server, 'connection');
  const request = streams.ask(`/api/queue/live/${job.jobId}`, job.owner.token);
  request.on('error', () => {});
  const [socket] = await connected;
  const waiting = `select count(*)::int from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(() => database.query(waiting)).toEqual([{ count: 1 }]);
  request.destroy();
  await once(socket, 'close');
  await database.query('commit');
  await expect.poll(() => streams.views.count).toBe(1);
  await expect.poll(() => streams.views.count).toBe(0);
});

test('a live view ends with the session of its viewer', async () => {
  await using streams = await serveStreams();
  await using database = await connectAsAdmin();
  const { owner, jobId } = await startJob();
  const path = `/api/queue/live/${jobId}`;
  const [stream]: IncomingMessage[] = await once(streams.ask(path, owner.token), 'response');
  expect(stream?.statusCode).toBe(200);
  await database.query('delete from auth.sessions where user_id = $1', [owner.id]);
  stream?.resume();
  if (stream) await once(stream, 'end');
  const [again]: IncomingMessage[] = await once(streams.ask(path, owner.token), 'response');
  expect(again?.statusCode).toBe(401);
});
