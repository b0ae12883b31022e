import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server';

import type { ApiErrorShape } from '../errors/api-error-shape.ts';
import type { routes } from './routes.ts';

/** The router as clients know it: inputs, outputs and errors, and nothing of the server's context. */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ApiErrorShape; transformer: false },
  TRPCDecorateCreateRouterOptions<typeof routes>
>;
