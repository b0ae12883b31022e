import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { type AuthOptions, registerAuth } from '@gantry/embedded';
import type { TRPCError } from '@trpc/server';
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { registerDocs } from './docs/register-docs.ts';
import { ApiError, refusalForLog } from './errors/api-error.ts';
import { toApiError } from './errors/to-api-error.ts';
import { registerWatch } from './events/register-watch.ts';
import { checkHost } from './http/check-host.ts';
import { identify } from './http/identify.ts';
import { countBatchedCalls, limitRequests } from './http/limit-requests.ts';
import { refuseEarly } from './http/refuse-early.ts';
import { refuseMethods } from './http/refuse-methods.ts';
import { refuseStalledBodies } from './http/refuse-stalled-bodies.ts';
import { RETRY_AFTER_SECONDS, sendError } from './http/respond.ts';
import { serverOptions } from './http/server-options.ts';
import { LiveViews } from './live-view/live-views.ts';
import { registerFrames } from './live-view/register-frames.ts';
import { urlForWorkers } from './live-view/url-for-workers.ts';
import { registerOpenApi } from './openapi/register-openapi.ts';
import type { ApiDeps, Context } from './procedures/context.ts';
import { registerReadiness } from './readiness/register-readiness.ts';
import { registerConfig } from './rest/register-config.ts';
import { registerDownloads } from './rest/register-downloads.ts';
import { registerLiveView } from './rest/register-live-view.ts';
import { registerRest } from './rest/register-rest.ts';
import { registerSubmit } from './rest/register-submit.ts';
import { registerTrpcList } from './rest/register-trpc-list.ts';
import { registerWeb } from './rest/register-web.ts';
import { appRouter } from './router/router.ts';

const MAX_CALLS_IN_A_BATCH = 20;

/** Builds the API; nothing listens yet. `auth` mounts the embedded sign-in. */
export async function createApi(deps: ApiDeps, auth: AuthOptions | null): Promise<FastifyInstance> {
  const { config } = deps;
  const app = fastify(serverOptions(config));
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  checkHost(app, config);
  refuseEarly(app, deps);
  refuseStalledBodies(app, config.uploadStallMs);

  // First, for it brings limits and CORS rules of its own.
  if (auth) await app.register(registerAuth, { ...auth, prefix: '/auth/v1' });

  const supabaseOrigin = config.supabase ? [new URL(config.supabase.url).origin] : [];
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        connectSrc: ["'self'", ...supabaseOrigin],
        imgSrc: ["'self'", 'data:', 'blob:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        upgradeInsecureRequests: null,
      },
    },
    // The proxy that terminates TLS sets it; over plain HTTP it has no effect.
    strictTransportSecurity: false,
  });
  await app.register(cors, {
    origin: config.corsOrigins.length > 0 ? config.corsOrigins : false,
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id', 'trpc-accept'],
    exposedHeaders: ['content-disposition', 'retry-after', 'x-request-id'],
    maxAge: 600,
  });
  const views = new LiveViews({
    ...deps,
    url: () => config.liveUrl ?? urlForWorkers(app.server),
    onError: (err) => app.log.warn({ err }, 'a live view did not get on'),
  });
  app.addHook('onClose', async () => views[Symbol.dispose]());
  await limitRequests(app, deps, views.sources);

  const refuseOtherMethods = refuseMethods(app);
  await app.register(async (scope) => registerSubmit(scope, deps));
  registerReadiness(app, deps);
  registerConfig(app, deps);
  registerOpenApi(app, { serverUrl: config.publicUrl });
  await app.register(async (scope) => registerDocs(scope));
  registerRest(app, deps);
  registerDownloads(app, deps);
  registerLiveView(app, deps, views);
  await app.register(async (scope) => registerFrames(scope, views.sources));
  refuseOtherMethods();
  await app.register(async (scope) => registerTrpc(scope, deps));
  await registerWeb(app, config.webDir);
  return app;
}

async function registerTrpc(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  app.addHook('onRequest', async (request) => {
    // A cross-site form could send this kind of body, and tRPC would read it past our limits.
    if (request.headers['content-type']?.startsWith('multipart/')) {
      throw new ApiError(415, 'MEDIA_TYPE_UNSUPPORTED', 'The body must be application/json.');
    }
  });
  countBatchedCalls(app);
  const createContext = (req: FastifyRequest): Context => ({
    deps,
    requestId: req.id,
    identify: () => identify(deps, req),
  });
  const logError = (error: TRPCError, req: FastifyRequest, path: string | undefined) => {
    const apiError = toApiError(error);
    if (apiError.status >= 500) req.log.error({ err: error, path }, 'procedure failed');
    else req.log.info({ ...refusalForLog(apiError), path }, 'procedure refused');
  };
  registerWatch(app, {
    createContext,
    onError: ({ error, request, path }) => logError(error, request, path),
  });
  const trpcOptions: FastifyTRPCPluginOptions<typeof appRouter>['trpcOptions'] = {
    router: appRouter,
    maxBatchSize: MAX_CALLS_IN_A_BATCH,
    createContext: ({ req }) => createContext(req),
    responseMeta: ({ errors }) =>
      errors.some((error) => toApiError(error).status === 503)
        ? { headers: new Headers({ 'retry-after': String(RETRY_AFTER_SECONDS) }) }
        : {},
    onError: ({ error, req, path }) => logError(error, req, path),
  };
  await app.register(async (scope) => registerTrpcList(scope, deps, trpcOptions));
  await app.register(fastifyTRPCPlugin, { prefix: '/api/trpc', trpcOptions });
}
