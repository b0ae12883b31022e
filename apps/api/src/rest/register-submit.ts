import multipart from '@fastify/multipart';
import { isFinished } from '@gantry/contract';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors/api-error.ts';
import { requireOpenSession } from '../http/identify.ts';
import { refuseUnknownQuery } from '../http/refuse-unknown-query.ts';
import { authenticate } from '../http/respond.ts';
import { watchJob } from '../jobs/watch-job.ts';
import type { ApiDeps } from '../procedures/context.ts';
import { createCaller } from '../router/router.ts';
import { abortOnClose } from '../signals/abort-on-close.ts';
import { submitForm, uploadFile } from '../submissions/submit-form.ts';

/** Serves the routes that take a file. They alone accept multipart forms. */
export async function registerSubmit(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  // The size of the file is counted while it is stored; these limits are for all the rest.
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      files: 1,
      fields: 10,
      parts: 11,
      fieldSize: 100_000,
      fieldNameSize: 100,
      headerPairs: 50,
      fileSize: Number.POSITIVE_INFINITY,
    },
  });
  app.addHook('onRequest', async (request) => {
    if (!request.headers['content-type']?.startsWith('multipart/form-data')) {
      throw new ApiError(415, 'MULTIPART_EXPECTED', 'Send the form as multipart/form-data.');
    }
    refuseUnknownQuery(request);
  });

  app.post('/api/queue/submit', async (request, reply) => {
    const { isNew, ...submitted } = await submitForm(await authenticate(deps, request), {
      request,
      reply,
    });
    return reply.code(isNew ? 201 : 200).send(submitted);
  });

  app.post('/api/uploads', async (request, reply) =>
    reply.code(201).send(await uploadFile(await authenticate(deps, request), { request, reply })),
  );

  // Kept for the clients of old: it queues like everybody else, and answers when the job has finished.
  app.post('/api/run-automation', async (request, reply) => {
    reply.headers({ deprecation: '@1759276800', link: '</api/queue/submit>; rel="successor-version"' });
    const ctx = await authenticate(deps, request);
    const { jobId } = await submitForm(ctx, { request, reply });
    for await (const event of watchJob(ctx, { jobId, afterSeq: 0, signal: abortOnClose(reply.raw) })) {
      if (event.type === 'state' && isFinished(event.data.to)) break;
    }
    // The events also end early for those who may read no more.
    await requireOpenSession(deps, ctx.caller);
    return createCaller(ctx).jobs.results({ jobId });
  });
}
