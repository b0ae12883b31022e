export type { ApiErrorShape } from './errors/api-error-shape.ts';
export type { AppRouter } from './router/app-router.ts';
