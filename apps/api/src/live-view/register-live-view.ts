import { pause } from '@gantry/core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { ApiDeps, UserContext } from '../context.ts';
import { firstOf } from '../live/first-of.ts';
import { authenticate } from '../rest/respond.ts';
import { readJob } from '../routes/read-job.ts';
import { requireAdmin, requireOpenSession } from '../trpc.ts';
import { LiveStream } from './live-stream.ts';
import type { LiveViews } from './live-views.ts';
import { showWall } from './show-wall.ts';

const params = z.strictObject({ jobId: z.uuid() });
const query = z.strictObject({ size: z.enum(['full', 'small']).default('full') });
const RECHECK_MS = 30_000;
// A stream may outlive its token by so much; then the client must come back with a fresh one.
const TOKEN_GRACE_MS = 30_000;

/**
 * Serves pictures of what runs: of one job to those who may read it, of all to admins.
 *
 * @param o.recheckMs after so long, and no more than twice that, it is asked again whether they may; 30,000 by default
 */
export function registerLiveView(
  app: FastifyInstance,
  deps: ApiDeps,
  views: LiveViews,
  { recheckMs = RECHECK_MS }: { recheckMs?: number } = {},
): void {
  app.get('/api/queue/live/:jobId', { exposeHeadRoute: false }, async (request, reply) => {
    const ctx = await authenticate(deps, request);
    const { jobId } = params.parse(request.params);
    const { size } = query.parse(request.query);
    const check = async () => void (await readJob(ctx, jobId));
    await check();
    using _place = deps.userLimits.enter('live', ctx.caller.userId);
    using stream = new LiveStream(reply);
    using end = endOf(ctx, [stream.gone, stream.ended]);
    using _view = views.join({ jobId, size }, stream);
    await stayWhileAllowed(check, recheckMs, end.signal);
  });

  app.get('/api/admin/live', { exposeHeadRoute: false }, async (request, reply) => {
    const ctx = await authenticate(deps, request);
    const check = async () => {
      await requireOpenSession(deps, ctx.caller);
      await requireAdmin(deps, ctx.caller);
    };
    await check();
    using _place = deps.userLimits.enter('live', ctx.caller.userId);
    using stream = new LiveStream(reply);
    const forbidden = new AbortController();
    using end = endOf(ctx, [stream.gone, forbidden.signal]);
    const onError = (err: unknown) => request.log.warn({ err }, 'what runs could not be read');
    void stayWhileAllowed(check, recheckMs, end.signal).then(() => forbidden.abort());
    await showWall({ pool: deps.pool, views, stream, signal: end.signal, onError });
  });
}

function endOf({ deps, caller }: UserContext, signals: AbortSignal[]) {
  return firstOf([deps.stopping, ...signals], caller.expiresAt - Date.now() + TOKEN_GRACE_MS);
}

/** Resolves with the signal, or when the check fails: the client is told why when it comes back. */
async function stayWhileAllowed(
  check: () => Promise<void>,
  recheckMs: number,
  signal: AbortSignal,
): Promise<void> {
  let isAllowed = true;
  while (isAllowed && !signal.aborted) {
    await pause(recheckMs * (1 + Math.random()), signal);
    if (!signal.aborted)
      isAllowed = await check().then(
        () => true,
        () => false,
      );
  }
}
