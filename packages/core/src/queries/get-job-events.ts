import type { JobEvent, JobEventBody } from '../job-event.ts';
import { type Db, runQuery } from '../run-query.ts';

type EventRow = { seq: number; attempt: number; created_at: Date; body: JobEventBody };

/** Reads a job's events after a number, in order. The first, its submission, is in the row of the job. */
export async function getJobEvents(
  db: Db,
  o: { jobId: string; afterSeq: number; limit: number },
): Promise<JobEvent[]> {
  const rows = await runQuery<EventRow>(db, {
    name: 'get-job-events',
    text: `select 1 as seq, 0 as attempt, created_at,
        '{"type": "state", "data": {"to": "pending", "reason": "submitted"}}'::jsonb as body
      from public.automation_jobs where id = $1 and $2 < 1
      union all
      (select seq, attempt, created_at, jsonb_build_object('type', type, 'data', data)
      from public.automation_job_events where job_id = $1 and seq > $2 order by seq limit $3)
      order by seq limit $3`,
    values: [o.jobId, o.afterSeq, o.limit],
  });
  return rows.map((row) => ({
    jobId: o.jobId,
    seq: row.seq,
    attempt: row.attempt,
    createdAt: row.created_at.toISOString(),
    ...withLine(row.body),
  }));
}

/** Events written before lines were kept have none. */
function withLine(body: JobEventBody): JobEventBody {
  if (body.type !== 'row' || body.data.line !== undefined) return body;
  return { type: 'row', data: { ...body.data, line: null } };
}
