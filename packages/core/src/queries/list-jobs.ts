import { createHash } from 'node:crypto';

import { z } from 'zod';

import { GantryError } from '../errors.ts';
import type { Job, JobStatus } from '../job.ts';
import { type Db, runQuery } from '../run-query.ts';
import { type JobRow, SELECT_JOB, toJob } from './job-columns.ts';

/** Which jobs, newest first. */
export type JobFilter = {
  userId?: string | undefined;
  status?: JobStatus | undefined;
  serviceId?: string | undefined;
  /** Part of the file's or the service's name, or the beginning of the job's id. */
  search?: string | undefined;
};

/** A page of jobs; `nextCursor` is null on the last one. */
export type JobPage = { jobs: Job[]; nextCursor: string | null };

const cursorSchema = z.object({ seq: z.string().regex(/^\d{1,18}$/), filter: z.string() });

/** Lists the jobs that the reader may see. @throws {GantryError} CURSOR_INVALID */
export async function listJobs(
  db: Db,
  o: JobFilter & { limit: number; cursor?: string | undefined },
): Promise<JobPage> {
  const fingerprint = fingerprintOf(o);
  const before = o.cursor === undefined ? null : readCursor(o.cursor, fingerprint);
  const rows = await runQuery<JobRow>(db, {
    text: `${SELECT_JOB}
      where ($1::bigint is null or j.seq < $1) and ($2::uuid is null or j.user_id = $2)
        and ($3::text is null or j.status = $3) and ($4::text is null or j.service_id = $4)
        and ($5::text is null or u.file_name ilike '%' || $5 || '%' or s.name ilike '%' || $5 || '%'
          or j.id::text like lower($5) || '%')
      order by j.seq desc limit $6`,
    values: [
      before,
      o.userId ?? null,
      o.status ?? null,
      o.serviceId ?? null,
      o.search ? escapeLike(o.search) : null,
      o.limit + 1,
    ],
  });
  const page = rows.slice(0, o.limit);
  const last = page.at(-1);
  return {
    jobs: page.map(toJob),
    nextCursor: rows.length > o.limit && last ? writeCursor(last.seq, fingerprint) : null,
  };
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** A cursor is good for the filter that it came from and no other. */
function fingerprintOf(filter: JobFilter): string {
  const parts = [filter.userId, filter.status, filter.serviceId, filter.search].map((part) => part ?? null);
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);
}

function writeCursor(seq: string, filter: string): string {
  return Buffer.from(JSON.stringify({ seq, filter })).toString('base64url');
}

function readCursor(cursor: string, filter: string): string {
  try {
    const value = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (value.filter === filter) return value.seq;
  } catch {
    // Told below: whatever is wrong with it, the caller's next step is the same.
  }
  throw new GantryError(
    'CURSOR_INVALID',
    'This page does not belong to this list. Start again from the first page.',
  );
}
