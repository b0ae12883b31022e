import { pause } from '@gantry/core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { requireOpenSession } from '../http/identify.ts';
import { refuseUnknownQuery } from '../http/refuse-unknown-query.ts';
import { authenticate } from '../http/respond.ts';
import { readJob } from '../jobs/read-job.ts';
import { LiveStream } from '../live-view/live-stream.ts';
import type { LiveViews } from '../live-view/live-views.ts';
import { showGrid } from '../live-view/show-grid.ts';
import type { ApiDeps, UserContext } from '../procedures/context.ts';
import { anyId } from '../procedures/inputs.ts';
import { requireAdmin } from '../procedures/trpc.ts';
import { anySignal } from '../signals/any-signal.ts';

const params = z.strictObject({ jobId: anyId });
/** How large the pictures of one job are. */
export const liveQuery = z.strictObject({ size: z.enum(['full', 'small']).default('full') });
// A stream may outlive its token by so much; then the client must come back with a fresh one.
const TOKEN_GRACE_MS = 30_000;

/** Serves pictures of what runs: of one job to those who may read it, of all to admins. */
export function registerLiveView(app: FastifyInstance, deps: ApiDeps, views: LiveViews): void {
  const { streamRecheckMs } = deps.config;
  app.get('/api/queue/live/:jobId', { exposeHeadRoute: false }, async (request, reply) => {
    const ctx = await authenticate(deps, request);
    const { jobId } = params.parse(request.params);
    refuseUnknownQuery(request, Object.keys(liveQuery.shape));
    const { size } = liveQuery.parse(request.query);
    await readJob(ctx, jobId);
    const check = async () => {
      await requireOpenSession(deps, ctx.caller);
      await readJob(ctx, jobId);
    };
    using _place = deps.userLimits.enter('live', ctx.caller.userId);
    using stream = new LiveStream(reply);
    using end = endOf(ctx, [stream.gone, stream.ended]);
    using _view = views.join({ jobId, size }, stream);
    await stayWhileAllowed(check, streamRecheckMs, end.signal);
  });

  app.get('/api/admin/live', { exposeHeadRoute: false }, async (request, reply) => {
    const ctx = await authenticate(deps, request);
    refuseUnknownQuery(request);
    await requireAdmin(deps, ctx.caller);
    const check = async () => {
      await requireOpenSession(deps, ctx.caller);
      await requireAdmin(deps, ctx.caller);
    };
    using _place = deps.userLimits.enter('live', ctx.caller.userId);
    using stream = new LiveStream(reply);
    const forbidden = new AbortController();
    using end = endOf(ctx, [stream.gone, forbidden.signal]);
    const onError = (err: unknown) => request.log.warn({ err }, 'what runs could not be read');
    void stayWhileAllowed(check, streamRecheckMs, end.signal).then(() => forbidden.abort());
    await showGrid({ pool: deps.pool, views, stream, signal: end.signal, onError });
  });
}

function endOf({ deps, caller }: UserContext, signals: AbortSignal[]) {
  return anySignal([deps.stopping, ...signals], caller.expiresAt - Date.now() + TOKEN_GRACE_MS);
}

/** Resolves with the signal, or when the check fails: the client gets the reason when it reconnects. */
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
