import { jsonSchema } from '@gantry/contract';
import {
  createUpload,
  deleteUpload,
  estimateWait,
  hasAdminRights,
  requireStorage,
  submitJob,
  type Upload,
  withTransaction,
} from '@gantry/core';
import type { FileSpec } from '@gantry/sheet';
import type { CheckedSheet } from '@gantry/sheet/pool';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError, stopping } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';
import { anyId } from '../procedures/inputs.ts';
import { abortOnClose } from '../signals/abort-on-close.ts';
import { readForm, type StoredFile } from '../uploads/read-form.ts';
import { checkInput } from './check-input.ts';
import { checkPriority } from './check-priority.ts';
import { fileNotAccepted, linksOf, requireFile } from './check-submission.ts';
import { findService } from './find-service.ts';
import { hashPayload } from './payload-hash.ts';
import { dependsOn, tags } from './submission.ts';

const CONTENT_TYPES = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** A field that holds JSON. */
const jsonField = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .preprocess((text, check) => {
      try {
        return JSON.parse(String(text));
      } catch {
        check.addIssue('is not JSON');
        return z.NEVER;
      }
    }, schema)
    .optional();

const fieldsSchema = z.object({
  serviceId: z.string({ error: 'is missing' }).min(1).max(63),
  userId: anyId.optional(),
  input: jsonField(jsonSchema),
  priority: z.enum(['0', '1', '2']).default('0').transform(Number),
  runAt: z.iso.datetime({ offset: true }).optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
  dependsOn: jsonField(dependsOn),
  tags: jsonField(tags),
});

/** A request and its answer: until that is sent, the client may close the connection. */
type Exchange = { request: FastifyRequest; reply: FastifyReply };

/** What came of a submission: `isNew` is false when its idempotency key was used for the same before. */
export type Submitted = {
  isNew: boolean;
  jobId: string;
  queuePosition: number | null;
  estimatedWaitTime: number | null;
  /** What was found in a workbook, or in a text file of which a column is not read; absent for others. */
  rows?: FoundRows;
};

/** How many rows a file has; of a workbook, in which sheet, how many are hidden; sheets and columns that may have been meant. */
export type FoundRows = CheckedSheet['counts'] & {
  sheet?: string;
  otherSheets?: string[];
  hiddenRows?: number;
  otherColumns?: string[];
};

/**
 * Submits a multipart form. Whatever makes it fail, nothing is left: no file, no upload, no job. A client that closes its
 * connection before the job is written has no job.
 *
 * @throws {ApiError}
 */
export async function submitForm(ctx: UserContext, { request, reply }: Exchange): Promise<Submitted> {
  const { deps } = ctx;
  return withStoredFile(ctx, { request, reply }, async ({ fields, file, gone, keepFile }) => {
    const { service, fileSpec } = await findService(ctx, fields.serviceId);
    const userId = await chooseOwner(ctx, fields.userId);
    await checkPriority(ctx, fields.priority);
    const input = fields.input ?? {};
    checkInput(service, input);
    requireFile(fileSpec?.required ?? false, file !== null);
    if (file && !fileSpec) throw fileNotAccepted();
    const sheet = file && fileSpec ? await checkSheet(ctx, file, { fileSpec, gone }) : null;
    const links = linksOf(fields);
    const payload = {
      serviceId: service.id,
      input,
      fileSha256: file?.sha256 ?? null,
      priority: fields.priority,
      ...links,
    };
    const submitted = await withTransaction(deps.pool, async (db) => {
      const upload = file && sheet ? await createUpload(db, describe(file, sheet, userId)) : null;
      const job = await submitJob(
        db,
        {
          userId,
          serviceId: service.id,
          input,
          uploadId: upload?.id,
          priority: fields.priority,
          runAt: fields.runAt,
          idempotencyKey: fields.idempotencyKey ?? readKeyHeader(request),
          payloadSha256: hashPayload(payload),
          ...links,
        },
        deps.config,
      );
      if (!job.isNew && upload) await deleteUpload(db, upload.id);
      // A repeated submission stores nothing; a new job without a file will have results.
      if (job.isNew) {
        const moreBytes = upload ? 0 : 1;
        await requireStorage(db, { userId, maxBytes: deps.config.maxStorageBytes, moreBytes });
      }
      gone.throwIfAborted();
      if (job.isNew) keepFile();
      return job;
    });
    const { queuePosition, estimatedWaitTime } = await estimateWait(deps.pool, submitted.jobId);
    return {
      ...submitted,
      queuePosition,
      estimatedWaitTime,
      ...(sheet && (sheet.sheet || otherColumnsOf(sheet).length > 0) && { rows: foundRows(sheet) }),
    };
  });
}

/** Stores and checks a file for a later `jobs.submit`. @throws {ApiError} */
export async function uploadFile(ctx: UserContext, exchange: Exchange) {
  const { userId } = ctx.caller;
  const maxBytes = ctx.deps.config.maxStorageBytes;
  // Before the file is read: it would be stored for nothing.
  await requireStorage(ctx.deps.pool, { userId, maxBytes, moreBytes: 1 });
  return withStoredFile(ctx, exchange, async ({ fields, file, gone, keepFile }) => {
    const { fileSpec } = await findService(ctx, fields.serviceId);
    requireFile(true, file !== null);
    if (!file || !fileSpec) throw fileNotAccepted();
    const sheet = await checkSheet(ctx, file, { fileSpec, gone });
    const upload = await withTransaction(ctx.deps.pool, async (db) => {
      const written = await createUpload(db, describe(file, sheet, userId));
      await requireStorage(db, { userId, maxBytes });
      gone.throwIfAborted();
      keepFile();
      return written;
    });
    return { uploadId: upload.id, fileName: upload.fileName, rows: foundRows(sheet) };
  });
}

/** Reads the form and runs with it. Deletes the stored file unless a row that names it may have been written. */
async function withStoredFile<T>(
  ctx: UserContext,
  { request, reply }: Exchange,
  run: (form: {
    fields: z.output<typeof fieldsSchema>;
    file: StoredFile | null;
    /** Aborted when the client has closed the connection. */
    gone: AbortSignal;
    /** Call it before a commit: its answer may be lost. A file that no row names is swept after a day. */
    keepFile: () => void;
  }) => Promise<T>,
): Promise<T> {
  const { deps, caller } = ctx;
  const gone = abortOnClose(reply.raw);
  using _place = deps.userLimits.enter('upload', caller.userId);
  const keys: string[] = [];
  let isKept = false;
  try {
    const form = await readForm(request, {
      storage: deps.storage,
      maxBytes: deps.config.maxUploadBytes,
      stallMs: deps.config.uploadStallMs,
      onStored: (key) => keys.push(key),
    });
    return await run({
      fields: fieldsSchema.parse(Object.fromEntries(form.fields)),
      file: form.file,
      gone,
      keepFile: () => {
        isKept = true;
      },
    });
  } catch (error) {
    if (!gone.aborted) throw error;
    throw new ApiError(400, 'CONNECTION_CLOSED', 'The connection was closed before the request was done.', {
      cause: error,
    });
  } finally {
    if (!isKept) await deps.storage.delete(keys);
  }
}

/** Checks the rows of a file at the turn of the caller. @throws {SheetError} @throws {ApiError} STOPPING */
async function checkSheet(
  { deps, caller }: UserContext,
  file: StoredFile,
  { fileSpec, gone }: { fileSpec: FileSpec; gone: AbortSignal },
): Promise<CheckedSheet> {
  const signal = AbortSignal.any([gone, deps.stopping]);
  try {
    return await deps.sheets.check(file.bytes, fileSpec, { user: caller.userId, signal });
  } catch (error) {
    // It may take longer than this process is given to end.
    throw deps.stopping.aborted && error === deps.stopping.reason ? stopping() : error;
  }
}

function foundRows(checked: CheckedSheet): FoundRows {
  const { counts, sheet } = checked;
  const otherColumns = otherColumnsOf(checked);
  return {
    ...counts,
    ...(sheet && { sheet: sheet.name, otherSheets: sheet.others }),
    ...(sheet && sheet.hiddenRows > 0 && { hiddenRows: sheet.hiddenRows }),
    ...(otherColumns.length > 0 && { otherColumns }),
  };
}

/** Headers of the columns that hold such values too and are not read. */
function otherColumnsOf({ columns }: CheckedSheet): string[] {
  return columns.flatMap(({ alternatives }) => alternatives.map(({ header }) => header));
}

function describe(file: StoredFile, sheet: CheckedSheet, userId: string): Omit<Upload, 'id'> {
  const { storageKey, fileName, size, sha256 } = file;
  return {
    userId,
    storageKey,
    fileName,
    size,
    sha256,
    contentType: CONTENT_TYPES[sheet.format],
    rowCount: sheet.counts.total,
  };
}

/** Jobs belong to the caller; an admin may submit for another user. @throws {ApiError} FORBIDDEN */
async function chooseOwner({ deps, caller }: UserContext, userId: string | undefined): Promise<string> {
  if (userId === undefined || userId === caller.userId) return caller.userId;
  if (await hasAdminRights(deps.pool, caller.claims)) return userId;
  throw new ApiError(
    403,
    'FORBIDDEN',
    'You can submit jobs for yourself only. Leave userId out, or send your own.',
  );
}

function readKeyHeader(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  return z.string().min(1, 'Idempotency-Key is empty').max(200, 'Idempotency-Key is too long').parse(header);
}
