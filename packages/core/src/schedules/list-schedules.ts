import type { Schedule, ScheduleOccurrence, SchedulePage } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';
import {
  OCCURRENCE_COLUMNS,
  type OccurrenceRow,
  type ScheduleRow,
  SELECT_SCHEDULE,
  toOccurrence,
  toSchedule,
} from './schedule-columns.ts';

/** Lists the schedules that the reader may see, newest first. */
export async function listSchedules(
  db: Db,
  o: { userId?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<SchedulePage> {
  const rows = await runQuery<ScheduleRow>(db, {
    // Ids grow with time.
    text: `${SELECT_SCHEDULE}
      where ($1::uuid is null or s.user_id = $1) and ($2::uuid is null or s.id < $2)
      order by s.id desc limit $3`,
    values: [o.userId ?? null, o.cursor ?? null, o.limit + 1],
  });
  const page = rows.slice(0, o.limit);
  return {
    schedules: page.map(toSchedule),
    nextCursor: rows.length > o.limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Reads a schedule; null if there is none that the reader may see. */
export async function getSchedule(db: Db, scheduleId: string): Promise<Schedule | null> {
  const [row] = await runQuery<ScheduleRow>(db, {
    text: `${SELECT_SCHEDULE} where s.id = $1`,
    values: [scheduleId],
  });
  return row ? toSchedule(row) : null;
}

/** What became of the last occurrences of a schedule that the reader may see, the latest first; a hundred are kept. */
export async function listScheduleOccurrences(
  db: Db,
  o: { scheduleId: string; limit: number },
): Promise<ScheduleOccurrence[]> {
  const rows = await runQuery<OccurrenceRow>(db, {
    text: `select ${OCCURRENCE_COLUMNS}
      from public.automation_schedule_occurrences f left join public.automation_jobs j on j.id = f.job_id
      where f.schedule_id = $1 order by f.occurs_at desc limit $2`,
    values: [o.scheduleId, o.limit],
  });
  return rows.map(toOccurrence);
}
