import type { FastifyRequest } from 'fastify';

import { ApiError } from '../errors/api-error.ts';

/**
 * Refuses query parameters that a route does not know: a misspelt filter that is ignored shows what was not asked for.
 *
 * @throws {ApiError} INPUT_INVALID, which names them
 */
export function refuseUnknownQuery({ query }: FastifyRequest, known: readonly string[] = []): void {
  const unknown = Object.keys(query ?? {}).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const names = unknown.slice(0, 10).map((name) => JSON.stringify(name.slice(0, 60)));
  const advice = known.length > 0 ? `This address knows: ${known.join(', ')}.` : 'This address knows none.';
  throw new ApiError(
    400,
    'INPUT_INVALID',
    `Unknown query parameter${names.length > 1 ? 's' : ''} ${names.join(', ')}. ${advice}`,
    {
      details: {
        issues: unknown.slice(0, 10).map((path) => ({ path: path.slice(0, 60), message: 'is unknown' })),
      },
    },
  );
}
