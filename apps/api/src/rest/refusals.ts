import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';

import { errorSchema } from './schemas.ts';

/** What a route refuses with for reasons of its own: the status, and what it means there. */
export type OwnRefusals = Partial<Record<403 | 404 | 409 | 413 | 422, string>>;

const refusal = (description: string): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/json': { schema: errorSchema } },
});
/** Refusals that many routes have in common become components. */
const common = (id: string, description: string) => ({ ...refusal(description), id });

const BAD_REQUEST = common('BadRequest', 'A parameter or the body is not as described; the message names it');
const UNAUTHORIZED = common('Unauthorized', 'No token, one that has expired, or one whose session has ended');
const FOR_ADMINS = common('ForAdmins', 'The caller is not an admin');
const NOT_FOUND = common('NotFound', 'It does not exist, or belongs to another user');
const TOO_LARGE = common('TooLarge', 'The body is too large');
const MEDIA_TYPE = common('UnsupportedMediaType', 'The body is of another content type');
const TOO_MANY = common('TooManyRequests', 'Too many requests, or more unfinished jobs than a user may have');
const UNAVAILABLE = common('Unavailable', 'The server is starting, stopping or busy; try again shortly');
const OTHER = common('Refusal', 'Any other refusal');

/** Everything that a route may refuse with. */
export function refusals(o: {
  hasBody: boolean;
  isForAdmins?: boolean;
  namesSomething?: boolean;
  also?: OwnRefusals;
}): ZodOpenApiResponsesObject {
  const own = Object.entries(o.also ?? {}).map(([status, text]) => [status, refusal(text)]);
  return {
    '400': BAD_REQUEST,
    '401': UNAUTHORIZED,
    ...(o.isForAdmins && { '403': FOR_ADMINS }),
    ...(o.namesSomething && { '404': NOT_FOUND }),
    ...(o.hasBody && { '413': TOO_LARGE, '415': MEDIA_TYPE }),
    '429': TOO_MANY,
    '503': UNAVAILABLE,
    default: OTHER,
    ...Object.fromEntries(own),
  };
}
