import {
  describeJobError,
  describeStatusReason,
  type JobEvent,
  type JobEventBody,
  type RowResult,
} from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';

type StateData = Extract<JobEventBody, { type: 'state' }>['data'];

/** As it is stored: a change of state without the texts that are made from its codes, and an old row without its line. */
type StoredBody =
  | Exclude<JobEventBody, { type: 'state' | 'row' }>
  | { type: 'state'; data: Omit<StateData, 'reason'> }
  | { type: 'row'; data: Omit<RowResult, 'line'> & Partial<Pick<RowResult, 'line'>> };

type EventRow = { seq: number; attempt: number; created_at: Date; body: StoredBody };

/** Reads a job's events after a number, in order. The first, its submission, is in the row of the job. */
export async function getJobEvents(
  db: Db,
  o: { jobId: string; afterSeq: number; limit: number },
): Promise<JobEvent[]> {
  const rows = await runQuery<EventRow>(db, {
    name: 'get-job-events',
    text: `select 1 as seq, 0 as attempt, created_at,
        '{"type": "state", "data": {"to": "pending", "cause": {"code": "submitted"}}}'::jsonb as body
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
    ...toBody(row.body),
  }));
}

function toBody(body: StoredBody): JobEventBody {
  if (body.type === 'row') return { type: 'row', data: { ...body.data, line: body.data.line ?? null } };
  if (body.type !== 'state') return body;
  const { cause, errorCode, errorMessage } = body.data;
  return {
    type: 'state',
    data: {
      ...body.data,
      reason: describeStatusReason(cause),
      ...(errorCode !== undefined && { errorMessage: errorMessage ?? describeJobError(errorCode, cause) }),
    },
  };
}
