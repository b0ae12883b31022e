import type { JobEvent } from '@gantry/contract';
import { getTRPCErrorFromUnknown, getTRPCErrorShape, isTrackedEnvelope, TRPCError } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { Context } from '../procedures/context.ts';
import { watched } from '../procedures/inputs.ts';
import { appRouter, createCaller } from '../router/router.ts';
import { MessageWriter } from './message-writer.ts';
import { CONNECTED, errorMessage, eventMessage, RETURN } from './messages.ts';

const PATH = 'jobs.watch';
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Tells nginx to pass on what comes at once.
  'x-accel-buffering': 'no',
};

/** How the route gets the context of a procedure, and where it reports refusals. */
export type WatchRouteOptions = {
  createContext: (request: FastifyRequest) => Context;
  onError: (o: { error: TRPCError; request: FastifyRequest; path: string }) => void;
};

/**
 * Serves the procedure `jobs.watch` with the messages that tRPC would send, in one write for each: tRPC's own stream
 * costs about ten times as much for each event and watcher (docs/decisions/0006).
 */
export function registerWatch(app: FastifyInstance, o: WatchRouteOptions): void {
  app.get(`/api/trpc/${PATH}`, { exposeHeadRoute: false }, (request, reply) => {
    reply.hijack();
    void stream(request, reply, o);
  });
}

async function stream(request: FastifyRequest, reply: FastifyReply, o: WatchRouteOptions): Promise<void> {
  const ctx = o.createContext(request);
  using writer = new MessageWriter(reply.raw);
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS }))
    if (value !== undefined) reply.raw.setHeader(name, value);
  try {
    await writer.write(CONNECTED);
    const { jobs } = createCaller(ctx, { signal: writer.gone });
    const events: AsyncIterable<unknown> = await jobs.watch(readInput(request));
    for await (const envelope of events) {
      if (!isTrackedEnvelope<JobEvent>(envelope)) continue;
      const drained = writer.write(eventMessage(envelope[1]));
      if (drained) await drained;
    }
    writer.end(RETURN);
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    o.onError({ error, request, path: PATH });
    const { _config: config } = appRouter._def;
    const shape = getTRPCErrorShape({
      config,
      error,
      type: 'subscription',
      path: PATH,
      input: undefined,
      ctx,
    });
    writer.end(errorMessage(shape));
  }
}

const querySchema = z.object({ input: z.string(), lastEventId: z.string().optional() });

/** The input as tRPC's clients send it, with the number that an EventSource adds when it comes back. */
function readInput({ query, headers }: FastifyRequest): z.input<typeof watched> {
  const { input, lastEventId } = querySchema.parse(query);
  const id = headers['last-event-id'] ?? lastEventId;
  return watched.parse({ ...parseJson(input), ...(id !== undefined && { lastEventId: id }) });
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Refused like everything else that is no input.
  }
  throw new TRPCError({ code: 'BAD_REQUEST' });
}
