import { Cron } from 'croner';

import { GantryError } from '../errors.ts';

/** When a schedule fires: five fields or a nickname such as `@daily`, read on the clocks of an IANA time zone. */
export type CronRule = { cron: string; timeZone: string };

// Five fields: a browser takes seconds to start, so a field for seconds could not be honoured.
const FIVE_FIELDS_OR_NICKNAME = /^(?:\S+(?: +\S+){4}|@\w+)$/;
// Offsets such as +01:00 are none: they know no summer time.
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/**
 * The next times of a rule after a moment, at most `count`.
 *
 * A rule that names its hours and minutes ("30 2 * * *", "0 9,17 * * *") fires once on each day it names: a time that the
 * clocks leave out is made up for at the first minute after the gap, and one that they show twice counts the first time.
 * One that goes by intervals, with `*` or a step in minute or hour, follows the real hours: it leaves out what the clocks
 * leave out and fires both times.
 *
 * @throws {GantryError} CRON_INVALID, also for one that never comes, such as 30 February; TIME_ZONE_INVALID
 */
export function nextTimes({ cron, timeZone }: CronRule, o: { after: Date; count: number }): Date[] {
  if (!isTimeZone(timeZone)) {
    throw new GantryError(
      'TIME_ZONE_INVALID',
      `There is no time zone "${timeZone}". Use a name of the IANA database, such as Europe/Berlin or UTC.`,
    );
  }
  const times = parse(cron, timeZone).nextRuns(o.count, o.after);
  if (times.length === 0) {
    throw new GantryError('CRON_INVALID', `"${cron}" names a day that never comes. Choose another.`);
  }
  return times;
}

function parse(cron: string, timeZone: string): Cron {
  if (!FIVE_FIELDS_OR_NICKNAME.test(cron)) throw malformed(cron);
  try {
    return new Cron(cron, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  } catch (cause) {
    throw malformed(cron, cause);
  }
}

function malformed(cron: string, cause?: unknown): GantryError {
  return new GantryError(
    'CRON_INVALID',
    `"${cron}" is not a cron expression of five fields: minute, hour, day of the month, month and day of the week, such as "30 6 * * MON-FRI".`,
    { cause },
  );
}

function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
