import { isLoopback } from '@gantry/embedded';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Config } from '../config/config.ts';
import { isAddress, readHostName } from '../config/host-name.ts';
import { ApiError } from '../errors/api-error.ts';
import { FRAMES_PATH } from '../live-view/register-frames.ts';
import { sendError } from './respond.ts';

/** Asked by load balancers, by address or without a name at all. They say nothing that a stranger may not know. */
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

/**
 * Refuses requests that are meant for another host. A page of an attacker can make its own name lead to this machine
 * (DNS rebinding) and is then of one origin with us in the eyes of the browser; only the Host header shows it.
 */
export function checkHost(app: FastifyInstance, config: Config): void {
  const isAllowed = createHostRule(config);
  const liveHost = config.liveUrl === null ? null : readHostName(new URL(config.liveUrl).host);
  app.addHook('onRequest', (request, reply, done) => {
    const isOurs = namesOf(request).every(
      (name) =>
        name !== null &&
        (isAllowed(name, request.raw.socket.localAddress) ||
          (name === liveHost && request.url === FRAMES_PATH)),
    );
    if (isOurs || OPEN_PATHS.has(request.url)) done();
    else sendError(hostNotAllowed(), request, reply);
  });
}

/**
 * Which names may be asked for: loopback, those of the settings, the address at which the request arrived and, where the
 * API listens everywhere, any address: it may have another one outside of its container.
 */
export function createHostRule(
  config: Pick<Config, 'host' | 'publicUrl' | 'allowedHosts'>,
): (name: string, arrivedAt?: string) => boolean {
  const own = readHostName(config.host.includes(':') ? `[${config.host}]` : config.host);
  const listensEverywhere = own === '0.0.0.0' || own === '::';
  const named = [
    ...(config.publicUrl === null ? [] : [new URL(config.publicUrl).host]),
    ...config.allowedHosts,
  ];
  const names = new Set([own, ...named.map(readHostName)]);
  return (name, arrivedAt) =>
    isLoopback(name) ||
    names.has(name) ||
    (isAddress(name) && (listensEverywhere || name === arrivedAt?.replace(/^::ffff:/, '')));
}

/** All names that a request was sent to: of every Host header, and of a target that is a whole address. */
function namesOf({ raw }: FastifyRequest): (string | null)[] {
  const hosts = raw.headersDistinct['host'] ?? [''];
  const [, authority] = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(raw.url ?? '') ?? [];
  return [...hosts, ...(authority === undefined ? [] : [authority])].map(readHostName);
}

function hostNotAllowed(): ApiError {
  return new ApiError(
    421,
    'HOST_NOT_ALLOWED',
    'This server does not answer under the host name of this request. Open it under its own address, or add the name to ALLOWED_HOSTS.',
  );
}
