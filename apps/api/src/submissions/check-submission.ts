import type { JsonValue } from '@gantry/contract';
import {
  getUpload,
  isKeyUsed,
  type ListedDependency,
  type NewDependency,
  type NewJob,
  requireStorage,
} from '@gantry/core';
import { ApiError, refusalFor } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';
import { checkInput } from './check-input.ts';
import { checkPriority } from './check-priority.ts';
import { findService } from './find-service.ts';
import { hashPayload } from './payload-hash.ts';

/** A submission without a file, or with one that was uploaded before. */
export type JsonSubmission<Dependency = NewDependency> = {
  serviceId: string;
  input?: JsonValue | undefined;
  uploadId?: string | undefined;
  priority?: number | undefined;
  runAt?: string | undefined;
  idempotencyKey?: string | undefined;
  dependsOn?: Dependency[] | undefined;
  tags?: string[] | undefined;
  rerunOf?: string | undefined;
};

/** What submissions are checked against, read once for all those of a request. */
export type LookUps = ReturnType<typeof createLookUps>;

/** Look-ups for a request. */
export function createLookUps(ctx: UserContext) {
  const { pool, config } = ctx.deps;
  return {
    service: once((serviceId: string) => findService(ctx, serviceId)),
    upload: once((uploadId: string) => getUpload(pool, uploadId)),
    /** @throws {GantryError} STORAGE_QUOTA_EXCEEDED */
    storage: once((userId: string) =>
      requireStorage(pool, { userId, maxBytes: config.maxStorageBytes, moreBytes: 1 }),
    ),
    isKeyUsed: (userId: string, idempotencyKey: string) => isKeyUsed(pool, { userId, idempotencyKey }),
    priority: once((priority: number) => checkPriority(ctx, priority)),
  };
}

/**
 * The job that a submission asks for.
 *
 * @throws {ApiError} SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, FILE_REQUIRED, FILE_NOT_ACCEPTED, PRIORITY_NOT_ALLOWED
 * @throws {GantryError} STORAGE_QUOTA_EXCEEDED
 * @throws {ZodError} when the service does not accept the input
 */
export async function checkSubmission<Dependency extends NewDependency | ListedDependency>(
  s: JsonSubmission<Dependency>,
  { userId, lookUps }: { userId: string; lookUps: LookUps },
): Promise<Omit<NewJob, 'dependsOn'> & { dependsOn?: Dependency[] | undefined }> {
  const { service, fileSpec } = await lookUps.service(s.serviceId);
  const { uploadId, rerunOf, input = {}, priority = 0 } = s;
  await lookUps.priority(priority);
  await lookUps.storage(userId).catch(async (refusal: unknown) => {
    // A repeated submission stores nothing.
    if (!s.idempotencyKey || !(await lookUps.isKeyUsed(userId, s.idempotencyKey))) throw refusal;
  });
  checkInput(service, input);
  const upload = uploadId === undefined ? null : await lookUps.upload(uploadId);
  if (uploadId !== undefined && upload?.userId !== userId) {
    throw refusalFor('UPLOAD_NOT_FOUND');
  }
  requireFile(fileSpec?.required ?? false, upload !== null);
  if (upload && !fileSpec) throw fileNotAccepted();
  const links = linksOf(s);
  const fileSha256 = upload?.sha256 ?? null;
  const payloadSha256 = hashPayload({
    serviceId: s.serviceId,
    input,
    fileSha256,
    priority,
    rerunOf,
    ...links,
  });
  return { ...s, ...links, userId, input, priority, payloadSha256 };
}

/** What ties a job to others: each tag once, and nothing where nothing is said. */
export function linksOf<Dependency>(s: {
  tags?: string[] | undefined;
  dependsOn?: Dependency[] | undefined;
}): { tags: string[] | undefined; dependsOn: Dependency[] | undefined } {
  return {
    tags: s.tags?.length ? [...new Set(s.tags)] : undefined,
    dependsOn: s.dependsOn?.length ? s.dependsOn : undefined,
  };
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

function once<Key, Value>(read: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const known = new Map<Key, Promise<Value>>();
  return (key) => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
}
