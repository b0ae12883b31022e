import type { ZodOpenApiOperationObject } from 'zod-openapi';

/** An operation that is not in the table of routes, with its place. */
export type PlacedOperation = ZodOpenApiOperationObject & { path: string; method: 'get' | 'post' };
