import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server';

import { adminRoutes } from './routes/admin-routes.ts';
import { jobRoutes } from './routes/job-routes.ts';
import { queueRoutes } from './routes/queue-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';
import { type ApiErrorShape, createCallerFactory, router } from './trpc.ts';

const routes = {
  jobs: jobRoutes,
  services: serviceRoutes,
  queue: queueRoutes,
  admin: adminRoutes,
};

/** All procedures. */
export const appRouter = router(routes);

/** Calls procedures from within, for the REST routes. */
export const createCaller = createCallerFactory(appRouter);

/** The router as clients know it: inputs, outputs and errors, and nothing of the server's context. */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ApiErrorShape; transformer: false },
  TRPCDecorateCreateRouterOptions<typeof routes>
>;
