import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';

import { answerFor } from './answers.ts';
import { answerPage, formPage, maintenancePage, redesignedPage } from './pages.ts';

/** The bad manners of the real site; each can be switched while it runs. */
export type Manners = {
  /** How long an answer takes, at least and at most; which, the number decides. */
  slowMs: [least: number, most: number];
  /** Every so many searches the connection is reset; 0 for never. */
  resetEvery: number;
  /** Numbers that it does not know, besides those that it never does. */
  unknown: readonly string[];
  isUnderMaintenance: boolean;
  isRedesigned: boolean;
};

/** A running demo port. */
export type DemoPort = {
  /** What to set CTG_PORT_BASE_URL to. */
  url: string;
  /** Every search so far. */
  searches: { container: string; userAgent: string }[];
  setManners(manners: Partial<Manners>): void;
  [Symbol.asyncDispose](): Promise<void>;
};

const SEARCH_PATH = '/pcs/index.php/Report/mySearchContainerLocation';

const GOOD_MANNERS: Manners = {
  slowMs: [0, 0],
  resetEvery: 0,
  unknown: [],
  isUnderMaintenance: false,
  isRedesigned: false,
};

/**
 * Starts a small site with the port's form, labels and bad manners. Its answers are invented, and always the same for
 * the same number.
 */
export async function startDemoPort(
  o: { port?: number; host?: string; manners?: Partial<Manners> } = {},
): Promise<DemoPort> {
  const manners = { ...GOOD_MANNERS, ...o.manners };
  const searches: DemoPort['searches'] = [];
  const closed = new AbortController();
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  app.addHook('onSend', async (_request, reply) => {
    reply.type('text/html; charset=utf-8');
  });

  app.get(`${SEARCH_PATH}Form`, () =>
    manners.isUnderMaintenance ? maintenancePage() : formPage(SEARCH_PATH),
  );
  app.get('/', (_request, reply) => reply.redirect(`${SEARCH_PATH}Form`));
  app.post(SEARCH_PATH, (request, reply) =>
    search(
      request.body instanceof URLSearchParams ? (request.body.get('containerLocation') ?? '') : '',
      request,
      reply,
    ),
  );
  app.get<{ Params: { container: string } }>(`${SEARCH_PATH}/:container`, (request, reply) =>
    search(request.params.container, request, reply),
  );

  async function search(typed: string, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const container = typed.trim().toUpperCase();
    searches.push({ container, userAgent: request.headers['user-agent'] ?? '' });
    const [least, most] = manners.slowMs;
    const slowness = least + (most - least) * fractionOf(container);
    const isClosed = await pause(slowness, false, { signal: closed.signal }).catch(() => true);
    if (isClosed || (manners.resetEvery > 0 && searches.length % manners.resetEvery === 0)) {
      reply.hijack();
      request.socket.resetAndDestroy();
      return undefined;
    }
    if (manners.isUnderMaintenance) return maintenancePage();
    if (manners.isRedesigned) return redesignedPage();
    const isKnown = /^[A-Z]{4}\d{7}$/.test(container) && !manners.unknown.includes(container);
    return answerPage(isKnown ? answerFor(container) : { found: false });
  }

  const origin = await app.listen({ port: o.port ?? 0, host: o.host ?? '127.0.0.1' });
  return {
    url: `${origin}/pcs/`,
    searches,
    setManners: (change) => Object.assign(manners, change),
    [Symbol.asyncDispose]() {
      closed.abort();
      return app.close();
    },
  };
}

/** Between 0 and 1, always the same for the same number. */
function fractionOf(container: string): number {
  return createHash('sha256').update(container).digest().readUInt16BE(0) / 65_535;
}
