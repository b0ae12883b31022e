import { z } from 'zod';

import { fingerprintOf, type JobFilter } from './job-filter.ts';

const schema = z.object({ seq: z.string().regex(/^\d{1,18}$/), filter: z.string() });

/** A place among the jobs of a filter, as text that is good for this filter and no other. */
export function writeMark(seq: string, filter: JobFilter): string {
  return Buffer.from(JSON.stringify({ seq, filter: fingerprintOf(filter) })).toString('base64url');
}

/** The `seq` of a mark; null for one that is none, or belongs to another filter. */
export function readMark(mark: string, filter: JobFilter): string | null {
  try {
    const value = schema.parse(JSON.parse(Buffer.from(mark, 'base64url').toString()));
    return value.filter === fingerprintOf(filter) ? value.seq : null;
  } catch {
    return null;
  }
}
