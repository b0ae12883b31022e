import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ApiError } from '../errors/api-error.ts';
import type { FrameSources } from './frame-sources.ts';

/** Where workers bring pictures. */
export const FRAMES_PATH = '/api/live/frames';

// A page full of noise in the best quality that is asked for is half of it.
const MAX_PICTURE_BYTES = 1_000_000;

/** Takes the pictures that workers bring. Without a token that is good at this moment nothing is read of a body. */
export function registerFrames(app: FastifyInstance, sources: FrameSources): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('image/jpeg', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post<{ Body: Buffer | null }>(
    FRAMES_PATH,
    {
      bodyLimit: MAX_PICTURE_BYTES,
      async onRequest(request) {
        if (!bringsPictures(sources, request)) throw nobodyLooks();
      },
    },
    async (request, reply) => {
      if (!sources.receive(tokenOf(request), request.body ?? Buffer.alloc(0))) throw nobodyLooks();
      return reply.code(204).header('cache-control', 'no-store').send();
    },
  );
}

/** Whether a request brings a picture for a viewer; such requests are exempt from the rate limit. */
export function bringsPictures(sources: FrameSources, request: FastifyRequest): boolean {
  return request.url === FRAMES_PATH && sources.knows(tokenOf(request));
}

function tokenOf({ headers }: FastifyRequest): string {
  return /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

function nobodyLooks(): ApiError {
  return new ApiError(410, 'LIVE_VIEW_ENDED', 'The live view has no viewer any more. Stop sending pictures.');
}
