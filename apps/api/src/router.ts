import { routes } from './routes/routes.ts';
import { createCallerFactory, router } from './trpc.ts';

/** Serves all procedures. */
export const appRouter = router(routes);

/** Calls procedures from within, for the REST routes. */
export const createCaller = createCallerFactory(appRouter);
