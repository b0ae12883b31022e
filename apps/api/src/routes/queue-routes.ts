import { getQueueInfo } from '@gantry/core';

import { userProcedure } from '../trpc.ts';

/** `queue.*`: figures that reveal nothing of anybody's job. */
export const queueRoutes = {
  info: userProcedure.query(({ ctx }) => getQueueInfo(ctx.deps.pool)),
};
