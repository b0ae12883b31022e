import { createCallerFactory, router } from '../procedures/trpc.ts';
import { routes } from './routes.ts';

/** Serves all procedures. */
export const appRouter = router(routes);

/** Calls procedures from within, for the REST routes. */
export const createCaller = createCallerFactory(appRouter);
