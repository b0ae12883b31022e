import { getQueueInfo, getStorageUsage } from '@gantry/core';

import { userProcedure } from '../procedures/trpc.ts';

/** `queue.*`: figures that reveal nothing of anybody else's job. */
export const queueRoutes = {
  /** Figures of the whole queue, and the storage that the caller uses and may use. */
  info: userProcedure.query(async ({ ctx: { deps, caller } }) => {
    const [figures, usedBytes] = await Promise.all([
      getQueueInfo(deps.pool),
      getStorageUsage(deps.pool, caller.userId),
    ]);
    return { ...figures, storage: { usedBytes, maxBytes: deps.config.maxStorageBytes } };
  }),
};
