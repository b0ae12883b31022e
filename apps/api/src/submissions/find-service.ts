import type { Service } from '@gantry/contract';
import { getService, withUser } from '@gantry/core';
import type { FileSpec } from '@gantry/sheet';
import { z } from 'zod';
import { refusalFor } from '../errors/api-error.ts';
import type { UserContext } from '../procedures/context.ts';

// Written by workers, read here: what came through the database is checked like anything from outside.
const fileSpecSchema: z.ZodType<FileSpec> = z.object({
  required: z.boolean(),
  formats: z.array(z.enum(['csv', 'xlsx'])),
  maxBytes: z.number(),
  maxRows: z.number(),
  keyColumn: z.string(),
  columns: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      aliases: z.array(z.string()),
      format: z.enum(['text', 'iso6346', 'url']),
      required: z.boolean(),
    }),
  ),
});

/** Reads a service and what it accepts as its file. @throws {ApiError} SERVICE_NOT_FOUND */
export async function findService(
  { deps, caller }: UserContext,
  serviceId: string,
): Promise<{ service: Service; fileSpec: FileSpec | null }> {
  const service = await withUser(deps.pool, caller.claims, (db) => getService(db, serviceId));
  if (!service?.isEnabled) throw refusalFor('SERVICE_NOT_FOUND');
  return { service, fileSpec: service.acceptedFiles && fileSpecSchema.parse(service.acceptedFiles) };
}
