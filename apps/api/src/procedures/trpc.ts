import { hasAdminRights } from '@gantry/core';
import { initTRPC, TRPCError } from '@trpc/server';

import type { Caller } from '../auth/verify-token.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiErrorShape } from '../errors/api-error-shape.ts';
import { toApiError } from '../errors/to-api-error.ts';
import { trpcCodeOf } from '../errors/trpc-code.ts';
import type { ApiDeps, Context } from './context.ts';
import { SSE } from './sse-settings.ts';

const t = initTRPC.context<Context>().create({
  isDev: false,
  sse: SSE,
  errorFormatter({ shape, error, ctx }): ApiErrorShape {
    const { message, code, status, details } = toApiError(error);
    return {
      message,
      code: shape.code,
      data: { code, httpStatus: status, requestId: ctx?.requestId ?? '', ...(details && { details }) },
    };
  },
});

/** Gives every error its status; the formatter above gives it its words. */
const withTypedErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const known = toApiError(result.error);
  throw new TRPCError({ code: trpcCodeOf(known.status), message: known.message, cause: known });
});

const withCaller = t.middleware(async ({ ctx, next }) =>
  next({ ctx: { ...ctx, caller: await ctx.identify() } }),
);

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** For people who are signed in. */
export const userProcedure = t.procedure.use(withTypedErrors).use(withCaller);

/** For admins, by what the database says now. */
export const adminProcedure = userProcedure.use(async ({ ctx, next }) => {
  await requireAdmin(ctx.deps, ctx.caller);
  return next();
});

/** @throws {ApiError} FORBIDDEN */
export async function requireAdmin(deps: ApiDeps, caller: Caller): Promise<void> {
  if (!(await hasAdminRights(deps.pool, caller.claims))) {
    throw new ApiError(
      403,
      'FORBIDDEN',
      'Only admins may do this. If you are one and have a second factor, sign in with it.',
    );
  }
}
