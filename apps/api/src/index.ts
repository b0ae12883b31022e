export type { AppRouter } from './router.ts';
export type { ApiErrorShape } from './trpc.ts';
