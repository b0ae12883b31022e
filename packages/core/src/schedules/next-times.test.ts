import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { nextTimes } from './next-times.ts';

/** The next times, each as the clocks of the zone show it, with its offset: "03-29 03:00+02:00". */
function shown(cron: string, timeZone: string, after: string, count: number): string[] {
  return nextTimes({ cron, timeZone }, { after: new Date(after), count }).map((time) =>
    onTheClock(time, timeZone),
  );
}

function onTheClock(time: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${part['month']}-${part['day']} ${part['hour']}:${part['minute']}${part['timeZoneName']?.slice(3)}`;
}

test.each([
  ['30 6 * * *', ['01-01 06:30+01:00', '01-02 06:30+01:00']],
  ['0 9 * * MON-FRI', ['01-01 09:00+01:00', '01-02 09:00+01:00', '01-05 09:00+01:00']],
  ['0 0 L * *', ['01-31 00:00+01:00', '02-28 00:00+01:00']],
  ['0 9 * * MON#1', ['01-05 09:00+01:00', '02-02 09:00+01:00']],
  // As cron always had it: with a day of the month and one of the week, either will do.
  ['0 0 13 * FRI', ['01-02 00:00+01:00', '01-09 00:00+01:00', '01-13 00:00+01:00']],
  ['*/20 * * * *', ['01-01 00:20+01:00', '01-01 00:40+01:00', '01-01 01:00+01:00']],
  ['@daily', ['01-02 00:00+01:00', '01-03 00:00+01:00']],
  ['@weekly', ['01-04 00:00+01:00', '01-11 00:00+01:00']],
  ['@monthly', ['02-01 00:00+01:00', '03-01 00:00+01:00']],
])('%s', (cron, times) => {
  expect(shown(cron, 'Europe/Berlin', '2025-12-31T23:00:00Z', times.length)).toEqual(times);
});

test('a moment is not after itself, to the millisecond', () => {
  const next = (after: string) =>
    nextTimes(
      { cron: '0 12 * * *', timeZone: 'UTC' },
      { after: new Date(after), count: 1 },
    )[0]?.toISOString();
  expect(next('2026-01-01T11:59:59.999Z')).toBe('2026-01-01T12:00:00.000Z');
  expect(next('2026-01-01T12:00:00.000Z')).toBe('2026-01-02T12:00:00.000Z');
  expect(next('2026-01-01T12:00:00.001Z')).toBe('2026-01-02T12:00:00.000Z');
});

describe('a time that the clocks leave out', () => {
  test.each([
    // 02:00 to 03:00 on 29 March.
    [
      'Europe/Berlin',
      '30 2 * * *',
      '2026-03-27T12:00:00Z',
      ['03-28 02:30+01:00', '03-29 03:00+02:00', '03-30 02:30+02:00'],
    ],
    // 02:00 to 03:00 on 8 March.
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-06T12:00:00Z',
      ['03-07 02:30-05:00', '03-08 03:00-04:00', '03-09 02:30-04:00'],
    ],
    // 02:00 to 02:30 on 4 October: half an hour.
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-02T12:00:00Z',
      ['10-03 02:15+10:30', '10-04 02:30+11:00', '10-05 02:15+11:00'],
    ],
    // Two of them are one after the gap, and a third one there already is the same.
    [
      'Europe/Berlin',
      '0,30 2,3 * * *',
      '2026-03-28T12:00:00Z',
      ['03-29 03:00+02:00', '03-29 03:30+02:00', '03-30 02:00+02:00'],
    ],
  ])('comes at the end of the gap: %s, %s', (timeZone, cron, after, times) => {
    expect(shown(cron, timeZone, after, times.length)).toEqual(times);
  });

  test.each([
    [
      'Europe/Berlin',
      '*/30 * * * *',
      '2026-03-29T00:10:00Z',
      ['03-29 01:30+01:00', '03-29 03:00+02:00', '03-29 03:30+02:00'],
    ],
    ['America/New_York', '15 * * * *', '2026-03-08T05:20:00Z', ['03-08 01:15-05:00', '03-08 03:15-04:00']],
    [
      'Australia/Lord_Howe',
      '*/15 * * * *',
      '2026-10-03T15:20:00Z',
      ['10-04 02:30+11:00', '10-04 02:45+11:00'],
    ],
  ])('is no time at all for an interval: %s, %s', (timeZone, cron, after, times) => {
    expect(shown(cron, timeZone, after, times.length)).toEqual(times);
  });
});

describe('a time that the clocks show twice', () => {
  test.each([
    // 03:00 is 02:00 again on 25 October.
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00:00Z', ['10-25 02:30+02:00', '10-26 02:30+01:00']],
    // 02:00 is 01:00 again on 1 November.
    ['America/New_York', '30 1 * * *', '2026-10-31T12:00:00Z', ['11-01 01:30-04:00', '11-02 01:30-05:00']],
    // 02:00 is 01:30 again on 5 April.
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T12:00:00Z', ['04-05 01:45+11:00', '04-06 01:45+10:30']],
    [
      'Europe/Berlin',
      '0,30 2 * * *',
      '2026-10-24T12:00:00Z',
      ['10-25 02:00+02:00', '10-25 02:30+02:00', '10-26 02:00+01:00'],
    ],
  ])('counts the first time: %s, %s', (timeZone, cron, after, times) => {
    expect(shown(cron, timeZone, after, times.length)).toEqual(times);
  });

  test('does not come again for who asks between the two', () => {
    expect(shown('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45:00Z', 1)).toEqual(['10-26 02:30+01:00']);
  });

  test.each([
    [
      'Europe/Berlin',
      '0 * * * *',
      '2026-10-24T23:10:00Z',
      ['10-25 02:00+02:00', '10-25 02:00+01:00', '10-25 03:00+01:00'],
    ],
    [
      'America/New_York',
      '0 * * * *',
      '2026-11-01T04:10:00Z',
      ['11-01 01:00-04:00', '11-01 01:00-05:00', '11-01 02:00-05:00'],
    ],
    [
      'Australia/Lord_Howe',
      '*/30 * * * *',
      '2026-04-04T14:10:00Z',
      ['04-05 01:30+11:00', '04-05 01:30+10:30', '04-05 02:00+10:30'],
    ],
  ])('counts both times for an interval: %s, %s', (timeZone, cron, after, times) => {
    expect(shown(cron, timeZone, after, times.length)).toEqual(times);
  });
});

test('over two years in any zone a daily time comes once for each day, and as it says but for gaps', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 2015, max: 2035 }),
      (timeZone, hour, minute, year) => {
        const rule = { cron: `${minute} ${hour} * * *`, timeZone };
        const clock = new Intl.DateTimeFormat('en', {
          timeZone,
          dateStyle: 'short',
          timeStyle: 'short',
          hourCycle: 'h23',
        });
        const shownTimes = nextTimes(rule, { after: new Date(Date.UTC(year, 0, 1)), count: 730 }).map(
          (time) => clock.format(time).split(', '),
        );
        const named = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        expect(new Set(shownTimes.map(([day]) => day)).size).toBe(730);
        // Clocks are put forward twice a year at most.
        expect(shownTimes.filter(([, time]) => time !== named).length).toBeLessThanOrEqual(4);
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  '',
  '* * * *',
  '0 * * * * *',
  '* * * * * * *',
  '61 * * * *',
  '* 24 * * *',
  '5/5 * * * *',
  'a b c d e',
  '@reboot',
  '@never',
  '2099-01-01T00:00:00',
  '* * * * *\n',
  '0 0 30 2 *',
  '0 0 31 4,6 *',
])('%j is refused', (cron) => {
  expect(() => nextTimes({ cron, timeZone: 'UTC' }, { after: new Date(), count: 1 })).toThrow(
    expect.objectContaining({ code: 'CRON_INVALID' }),
  );
});

test.each(['', 'Europe/Nowhere', '+01:00', 'Z', ' Europe/Berlin', 'Europe/Berlin\n'])(
  'there is no zone %j',
  (timeZone) => {
    expect(() => nextTimes({ cron: '@daily', timeZone }, { after: new Date(), count: 1 })).toThrow(
      expect.objectContaining({ code: 'TIME_ZONE_INVALID' }),
    );
  },
);
