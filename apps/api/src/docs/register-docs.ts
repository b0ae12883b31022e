import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

const PATH = '/api/docs';

/** What the page may load and run: its own files alone, nothing inline. */
const policy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');

/** Serves the reference of the REST routes to people with a browser. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  const read = (name: string) => readFile(join(import.meta.dirname, 'page', name), 'utf8');
  const html = await read('index.html');

  app.get(PATH, (_request, reply) => reply.redirect(`${PATH}/`, 301));
  app.get(`${PATH}/`, (_request, reply) => {
    const nonce = randomBytes(16).toString('base64url');
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy(nonce),
        'cache-control': 'no-store',
      })
      .send(html.replace('NONCE', nonce));
  });
  for (const name of ['prepare.js', 'start.js']) {
    const script = await read(name);
    app.get(`${PATH}/${name}`, (_request, reply) =>
      reply
        .headers({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' })
        .send(script),
    );
  }

  // The renderer's plug-in has its script beside a page that starts it inline, which is not needed.
  const { default: renderer } = await import('@scalar/fastify-api-reference');
  await app.register(renderer, {
    routePrefix: `${PATH}/renderer`,
    configuration: { url: '/api/openapi.json' },
    hooks: {
      onRequest(request, reply, done) {
        if (request.routeOptions.url?.endsWith('.js')) done();
        else void reply.redirect(`${PATH}/`, 301);
      },
    },
  });
}
