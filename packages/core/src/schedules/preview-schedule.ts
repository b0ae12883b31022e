import { type Db, runForOne } from '../db/run-query.ts';
import { type CronRule, nextTimes } from './next-times.ts';

/** The next times of a rule from now on, by the database's clock. @throws {GantryError} CRON_INVALID, TIME_ZONE_INVALID */
export async function previewSchedule(db: Db, rule: CronRule, count: number): Promise<Date[]> {
  const { now } = await runForOne<{ now: Date }>(db, { text: 'select gantry.clock() as now' });
  return nextTimes(rule, { after: now, count });
}

/** The first of them. @throws {GantryError} CRON_INVALID, TIME_ZONE_INVALID */
export async function firstTime(db: Db, rule: CronRule): Promise<Date | undefined> {
  return (await previewSchedule(db, rule, 1))[0];
}
