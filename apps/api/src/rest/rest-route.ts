import type { z } from 'zod';

import type { UserContext } from '../procedures/context.ts';
import type { createCaller } from '../router/router.ts';
import type { OwnRefusals } from './refusals.ts';

/** The procedures, called as the sender of the request. */
export type Procedures = ReturnType<typeof createCaller>;

/** A REST route over a procedure: what Fastify serves and what the OpenAPI document says are both made from it. */
export type RestRoute = {
  method: 'GET' | 'POST';
  path: string;
  /** The name of the call in generated clients. */
  operationId: string;
  summary: string;
  tag: 'Jobs' | 'Services' | 'Schedules' | 'Queue' | 'Admin';
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** JSON. */
  body?: z.ZodObject;
  /** Bytes that the body may have, where that is more than usual. */
  bodyLimit?: number;
  response: z.ZodType;
  /** Whether it makes something and answers 201. */
  created?: true;
  /** What it refuses for reasons of its own, besides what every route refuses. */
  refuses?: OwnRefusals;
  run(
    procedures: Procedures,
    request: { params: unknown; query: unknown; body: unknown },
    ctx: UserContext,
  ): Promise<unknown>;
};
