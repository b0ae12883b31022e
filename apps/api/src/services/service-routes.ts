import { getService, listServices, withUser } from '@gantry/core';
import { z } from 'zod';

import { refusalFor } from '../errors/api-error.ts';
import { userProcedure } from '../procedures/trpc.ts';

/** `services.*`: what can be picked. */
export const serviceRoutes = {
  list: userProcedure.query(({ ctx }) => withUser(ctx.deps.pool, ctx.caller.claims, listServices)),

  get: userProcedure
    .input(z.strictObject({ serviceId: z.string().min(1).max(63) }))
    .query(async ({ ctx, input }) => {
      const service = await withUser(ctx.deps.pool, ctx.caller.claims, (db) =>
        getService(db, input.serviceId),
      );
      if (!service) throw refusalFor('SERVICE_NOT_FOUND');
      return service;
    }),
};
