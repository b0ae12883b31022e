import { estimateWait, getUpload, type JsonValue, withUser } from '@gantry/core';

import type { UserContext } from '../context.ts';
import { ApiError } from '../errors/api-error.ts';
import { checkInput } from './check-input.ts';
import { checkPriority } from './check-priority.ts';
import { findService } from './find-service.ts';
import { hashPayload } from './payload-hash.ts';

/** A submission without a file, or with one that was uploaded before. */
export type JsonSubmission = {
  serviceId: string;
  input?: JsonValue | undefined;
  uploadId?: string | undefined;
  priority?: number | undefined;
  runAt?: string | undefined;
  idempotencyKey?: string | undefined;
};

/** Submits it. @throws {ApiError} SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, FILE_REQUIRED, FILE_NOT_ACCEPTED, ... */
export async function submitJson(ctx: UserContext, s: JsonSubmission) {
  const { deps, caller } = ctx;
  const { service, fileSpec } = await findService(ctx, s.serviceId);
  const priority = s.priority ?? 0;
  await checkPriority(ctx, priority);
  const input = s.input ?? {};
  checkInput(service, input);
  const { uploadId } = s;
  const upload =
    uploadId === undefined ? null : await withUser(deps.pool, caller.claims, (db) => getUpload(db, uploadId));
  if (uploadId !== undefined && upload?.userId !== caller.userId) {
    throw new ApiError(404, 'UPLOAD_NOT_FOUND', 'There is no such upload. Upload the file again.');
  }
  requireFile(fileSpec?.required ?? false, upload !== null);
  if (upload && !fileSpec) throw fileNotAccepted();
  const { jobId } = await deps.submitJob({
    ...s,
    userId: caller.userId,
    input,
    priority,
    payloadSha256: hashPayload({
      serviceId: s.serviceId,
      input,
      fileSha256: upload?.sha256 ?? null,
      priority,
    }),
  });
  const { queuePosition, estimatedWaitTime } = await estimateWait(deps.pool, jobId);
  return { jobId, queuePosition, estimatedWaitTime };
}

/** @throws {ApiError} FILE_REQUIRED */
export function requireFile(isRequired: boolean, isThere: boolean): void {
  if (isRequired && !isThere) {
    throw new ApiError(422, 'FILE_REQUIRED', 'This service needs a file. Attach it as the field "file".');
  }
}

/** The error for a file that the service has no use for. */
export function fileNotAccepted(): ApiError {
  return new ApiError(422, 'FILE_NOT_ACCEPTED', 'This service takes no file. Submit it without one.');
}
