import { z } from 'zod';

import { fingerprintOf, type JobFilter } from './job-filter.ts';

const schema = z.object({ seq: z.string().regex(/^\d{1,18}$/), filter: z.string() });

/** Encodes a position in the list of a filter. It is valid for that filter alone. */
export function writeCursor(seq: string, filter: JobFilter): string {
  return Buffer.from(JSON.stringify({ seq, filter: fingerprintOf(filter) })).toString('base64url');
}

/** Decodes the `seq` of a cursor; null if it is malformed or belongs to another filter. */
export function readCursor(cursor: string, filter: JobFilter): string | null {
  try {
    const value = schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return value.filter === fingerprintOf(filter) ? value.seq : null;
  } catch {
    return null;
  }
}
