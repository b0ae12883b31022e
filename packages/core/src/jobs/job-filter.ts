import { createHash } from 'node:crypto';
import type { JobStatus } from '@gantry/contract';

/** Which jobs. */
export type JobFilter = {
  userId?: string | undefined;
  status?: JobStatus | undefined;
  serviceId?: string | undefined;
  tag?: string | undefined;
  /** Part of the file's or the service's name or of a tag, or the beginning or end of the job's id. */
  search?: string | undefined;
  /** Submitted at this time or later; ISO 8601 with an offset. */
  from?: string | undefined;
  /** Submitted before this time. */
  to?: string | undefined;
};

/** The condition of a filter on `FROM_JOBS`. Its first seven parameters are those of {@link filterValues}. */
export const MATCHES_FILTER = `($1::uuid is null or j.user_id = $1) and ($2::text is null or j.status = $2)
  and ($2 is null or $2 not in ('failed', 'cancelled') or j.is_unsuccessful)
  and ($3::text is null or j.service_id = $3) and ($4::text is null or j.tags @> array[$4])
  and ($5::text is null or u.file_name ilike '%' || $5 || '%' or s.name ilike '%' || $5 || '%'
    or j.id::text like lower($5) || '%' or j.id::text like '%' || lower($5) or exists (select from unnest(j.tags) t (tag) where t.tag ilike '%' || $5 || '%'))
  and ($6::timestamptz is null or j.created_at >= $6) and ($7::timestamptz is null or j.created_at < $7)`;

/** The values for {@link MATCHES_FILTER}. */
export function filterValues(filter: JobFilter): (string | null)[] {
  const { search } = filter;
  return partsOf({ ...filter, search: search && search.replaceAll(/[\\%_]/g, String.raw`\$&`) });
}

/** Identifies a filter. */
export function fingerprintOf(filter: JobFilter): string {
  return createHash('sha256')
    .update(JSON.stringify(partsOf(filter)))
    .digest('base64url')
    .slice(0, 12);
}

function partsOf(f: JobFilter): (string | null)[] {
  return [f.userId, f.status, f.serviceId, f.tag, f.search, f.from, f.to].map((part) => part || null);
}
