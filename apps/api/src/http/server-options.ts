import { randomUUID } from 'node:crypto';

import { type FastifyServerOptions, LogController } from 'fastify';

import type { Config } from '../config/config.ts';
import { answerBrokenConnection } from './answer-broken-connection.ts';
import { sendError } from './respond.ts';

const JSON_BODY_LIMIT = 64 * 1024;

/** How the server treats connections: its limits, time-outs and logs. */
export function serverOptions(config: Config): FastifyServerOptions {
  return {
    bodyLimit: JSON_BODY_LIMIT,
    // A connection on which nothing moves is cut. Live events send a ping every 15 s.
    connectionTimeout: 60_000,
    // A client that sends its request a byte at a time is cut off; uploads have until then.
    requestTimeout: 300_000,
    keepAliveTimeout: 20_000,
    maxRequestsPerSocket: 1_000,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    routerOptions: { maxParamLength: 2_000 },
    // While it stops, a hook of ours refuses in the shape that every refusal has.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
    logger: {
      level: config.logLevel,
      redact: ['req.headers.authorization', 'req.headers.cookie'],
      serializers: { req: ({ method, url }) => ({ method, path: url.split('?')[0] }) },
    },
    clientErrorHandler: answerBrokenConnection,
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply);
    },
  };
}
