import { getArtifact, withUser } from '@gantry/core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../errors/api-error.ts';
import { refuseUnknownQuery } from '../http/refuse-unknown-query.ts';
import { authenticate } from '../http/respond.ts';
import { readJob } from '../jobs/read-job.ts';
import type { ApiDeps } from '../procedures/context.ts';
import { anyId } from '../procedures/inputs.ts';

const params = z.strictObject({ artifactId: anyId });

/** Serves the files of jobs, as attachments that no browser runs. */
export function registerDownloads(app: FastifyInstance, deps: ApiDeps): void {
  app.get('/api/artifacts/:artifactId', async (request, reply) => {
    const ctx = await authenticate(deps, request);
    refuseUnknownQuery(request);
    const { artifactId } = params.parse(request.params);
    const artifact = await withUser(deps.pool, ctx.caller.claims, (db) => getArtifact(db, artifactId));
    if (!artifact)
      throw new ApiError(404, 'ARTIFACT_NOT_FOUND', 'There is no such file. It may have expired.');
    await readJob(ctx, artifact.jobId);
    const body = await deps.storage.get(artifact.storageKey);
    return reply
      .headers({
        'content-type': artifact.contentType,
        'content-length': artifact.size,
        'content-disposition': attachment(artifact.name),
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-store',
      })
      .send(body);
  });
}

/** A file name in a header, by RFC 6266: plain for old clients, UTF-8 for all others. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.codePointAt(0)?.toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
