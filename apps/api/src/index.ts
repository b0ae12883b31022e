export type { AppRouter } from './app-router.ts';
export type { ApiErrorShape } from './errors/api-error-shape.ts';
