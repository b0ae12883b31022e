import { describe, expect, test } from 'vitest';

import {
  cancelJob,
  createServicePool,
  createUpload,
  fireDueSchedules,
  getJob,
  getSchedule,
  listScheduleOccurrences,
  newUploadKey,
  pauseSchedule,
  resumeSchedule,
  startScheduler,
} from '../../src/index.ts';
import { createFixture, DAY_MS, type Fixture } from '../fixture.ts';

const countJobs = async (f: Fixture) => (await f.db.query('select from public.automation_jobs')).rowCount;

/** Lets the schedules come due, day by day, and fires them at each. */
async function fireEachDay(f: Fixture, days: number) {
  const fired: Awaited<ReturnType<typeof fireDueSchedules>> = [];
  for (let day = 1; day <= days; day++) {
    await f.setClock(day * DAY_MS);
    fired.push(...(await fireDueSchedules(f.db)));
  }
  return fired;
}

test('an occurrence submits what the schedule says, and the job knows where it comes from', async () => {
  await using f = await createFixture();
  const { id: uploadId } = await createUpload(f.db, {
    userId: f.user.id,
    storageKey: newUploadKey(),
    fileName: 'containers.csv',
    contentType: 'text/csv',
    size: 10,
    sha256: 'a'.repeat(64),
    rowCount: 2,
  });
  const id = await f.schedule({ uploadId, input: { n: 1 }, priority: 1, tags: ['night'] });
  const before = await getSchedule(f.db, id);
  expect(await fireDueSchedules(f.db)).toEqual([]);
  await f.setClock(DAY_MS);
  const [fired, ...more] = await fireDueSchedules(f.db);
  expect(more).toEqual([]);
  expect(fired).toEqual({
    scheduleId: id,
    occursAt: before?.nextOccurrenceAt,
    outcome: 'submitted',
    reason: null,
    jobId: expect.any(String),
  });
  const jobId = fired?.jobId ?? '';
  expect(await getJob(f.db, jobId)).toMatchObject({
    userId: f.user.id,
    serviceId: 'a-service',
    status: 'pending',
    priority: 1,
    tags: ['night'],
    fileName: 'containers.csv',
    scheduleId: id,
    scheduledFor: before?.nextOccurrenceAt,
  });
  expect(await f.claim(await f.addWorker())).toMatchObject([{ jobId, input: { n: 1 } }]);
  expect((await getSchedule(f.db, id))?.lastOccurrence).toMatchObject({
    occursAt: before?.nextOccurrenceAt,
    outcome: 'submitted',
    jobId,
    jobStatus: 'processing',
  });
});

test('who waits for jobs is told', async () => {
  await using f = await createFixture();
  await f.schedule();
  await using heard = await f.listen('gantry_jobs');
  await f.setClock(DAY_MS);
  await fireDueSchedules(f.db);
  await expect.poll(() => heard.payloads).toEqual(['default']);
});

test('after a long time in which nobody looked there is one job, and the next occurrence is one to come', async () => {
  await using f = await createFixture();
  const id = await f.schedule({ overlap: 'queue' });
  const before = await getSchedule(f.db, id);
  await f.setClock(30 * DAY_MS);
  expect(await fireDueSchedules(f.db)).toMatchObject([
    { occursAt: before?.nextOccurrenceAt, outcome: 'submitted' },
  ]);
  expect(await fireDueSchedules(f.db)).toEqual([]);
  expect(await countJobs(f)).toBe(1);
  const { rows } = await f.db.query(
    `select next_occurrence_at > gantry.clock() and next_occurrence_at <= gantry.clock() + interval '1 day' as "isNext"
     from public.automation_schedules`,
  );
  expect(rows).toEqual([{ isNext: true }]);
});

describe('while an earlier job has not finished', () => {
  test('an occurrence is skipped, and says why', async () => {
    await using f = await createFixture();
    const id = await f.schedule({ overlap: 'skip' });
    const [first, second] = await fireEachDay(f, 2);
    expect(second).toMatchObject({
      outcome: 'skipped',
      jobId: null,
      reason: { code: 'PREVIOUS_UNFINISHED' },
    });
    await f.claim(await f.addWorker());
    await f.setClock(3 * DAY_MS);
    expect(await fireDueSchedules(f.db)).toMatchObject([{ outcome: 'skipped' }]);
    await cancelJob(f.db, { jobId: first?.jobId ?? '', reason: 'cancelled_by_owner' });
    await f.setClock(4 * DAY_MS);
    expect(await fireDueSchedules(f.db)).toMatchObject([{ outcome: 'submitted' }]);
    const occurrences = await listScheduleOccurrences(f.db, { scheduleId: id, limit: 10 });
    expect(occurrences.map(({ outcome, jobStatus }) => [outcome, jobStatus])).toEqual([
      ['submitted', 'pending'],
      ['skipped', null],
      ['skipped', null],
      ['submitted', 'cancelled'],
    ]);
  });

  test('a job queues behind it where that was chosen', async () => {
    await using f = await createFixture();
    await f.schedule({ overlap: 'queue' });
    expect(await fireEachDay(f, 3)).toMatchObject(
      Array.from({ length: 3 }, () => ({ outcome: 'submitted' })),
    );
    expect(await countJobs(f)).toBe(3);
  });

  test('the jobs of other schedules and of the user are none of its business', async () => {
    await using f = await createFixture();
    await f.submit();
    await f.schedule();
    await f.schedule();
    expect(await fireEachDay(f, 1)).toMatchObject([{ outcome: 'submitted' }, { outcome: 'submitted' }]);
  });
});

describe('an occurrence that cannot be submitted is recorded with its reason, and the schedule goes on:', () => {
  const expectRefusal = async (f: Fixture, id: string, code: string) => {
    expect(await fireEachDay(f, 1)).toMatchObject([{ scheduleId: id, outcome: 'refused', jobId: null }]);
    expect(await getSchedule(f.db, id)).toMatchObject({
      isPaused: false,
      lastOccurrence: { outcome: 'refused', reason: { code, message: expect.stringMatching(/^[A-Z].*\.$/) } },
    });
    expect(await countJobs(f)).toBe(0);
  };

  test('the service was taken off, till it is back', async () => {
    await using f = await createFixture();
    const id = await f.schedule();
    await f.db.query('update public.automation_services set is_enabled = false');
    await expectRefusal(f, id, 'SERVICE_NOT_FOUND');
    await f.db.query('update public.automation_services set is_enabled = true');
    await f.setClock(2 * DAY_MS);
    expect(await fireDueSchedules(f.db)).toMatchObject([{ outcome: 'submitted' }]);
  });

  test('the upload belongs to somebody else by now', async () => {
    await using f = await createFixture();
    const { rows } = await f.db.query(
      `insert into public.automation_uploads (user_id, storage_key, file_name, content_type, size_bytes, sha256, row_count)
       values ($1, 'uploads/x', 'a.csv', 'text/csv', 1, $2, 1) returning id`,
      [f.user.id, 'a'.repeat(64)],
    );
    const id = await f.schedule({ uploadId: rows[0].id });
    await f.db.query('update public.automation_uploads set user_id = $1', [
      (await f.database.createUser()).id,
    ]);
    await expectRefusal(f, id, 'UPLOAD_NOT_FOUND');
  });

  test.each(["banned_until = now() + interval '1 year'", 'deleted_at = now()'])(
    'the account is closed: %s',
    async (change) => {
      await using f = await createFixture();
      const id = await f.schedule();
      await f.asOwner(`update auth.users set ${change} where id = $1`, [f.user.id]);
      await expectRefusal(f, id, 'ACCOUNT_CLOSED');
    },
  );

  test('the user has as many unfinished jobs as may be', async () => {
    await using f = await createFixture();
    const id = await f.schedule();
    await f.submit();
    await f.setClock(DAY_MS);
    expect(await fireDueSchedules(f.db, { maxUnfinishedJobs: 1 })).toMatchObject([
      { scheduleId: id, outcome: 'refused', reason: { code: 'QUOTA_EXCEEDED' } },
    ]);
  });
});

test.each([
  ['cron', 'often', 'CRON_INVALID'],
  ['time_zone', 'Mars/Phobos', 'TIME_ZONE_INVALID'],
])('a schedule whose %s is understood no more is paused with the reason', async (column, value, code) => {
  await using f = await createFixture();
  const id = await f.schedule();
  await f.db.query(`update public.automation_schedules set ${column} = $1`, [value]);
  await fireEachDay(f, 1);
  expect(await getSchedule(f.db, id)).toMatchObject({
    isPaused: true,
    nextOccurrenceAt: null,
    lastOccurrence: { outcome: 'refused', reason: { code } },
  });
});

test('one that breaks in a way nobody thought of keeps no other from firing, and is told of', async () => {
  await using f = await createFixture();
  const broken = await f.schedule();
  const good = await f.schedule();
  await f.asOwner(`create function gantry.break_one() returns trigger language plpgsql as $$
    begin if new.schedule_id = '${broken}' then raise exception 'broken'; end if; return new; end $$`);
  await f.asOwner(
    'create trigger break_one before insert on public.automation_schedule_occurrences for each row execute function gantry.break_one()',
  );
  await f.setClock(DAY_MS);
  await expect(fireDueSchedules(f.db)).rejects.toMatchObject({ message: expect.stringContaining(broken) });
  expect((await getSchedule(f.db, good))?.lastOccurrence).toMatchObject({ outcome: 'submitted' });
  // What it had submitted went with the rest.
  expect(await countJobs(f)).toBe(1);
});

test('an occurrence leaves a job, its record and the next time, or nothing of them', async () => {
  await using f = await createFixture();
  const id = await f.schedule();
  const before = await getSchedule(f.db, id);
  await f.asOwner(`create function gantry.break_move() returns trigger language plpgsql as $$
    begin raise exception 'broken'; end $$`);
  await f.asOwner(
    'create trigger break_move before update on public.automation_schedules for each row execute function gantry.break_move()',
  );
  await f.setClock(DAY_MS);
  await expect(fireDueSchedules(f.db)).rejects.toThrow();
  expect(await getSchedule(f.db, id)).toEqual(before);
  expect(await countJobs(f)).toBe(0);
});

test('the last hundred occurrences are kept', async () => {
  await using f = await createFixture();
  const id = await f.schedule();
  await f.db.query(
    `insert into public.automation_schedule_occurrences (schedule_id, occurs_at, outcome, reason_code)
     select $1, now() - n * interval '1 minute', 'skipped', 'PREVIOUS_UNFINISHED' from generate_series(1, 150) n`,
    [id],
  );
  await fireEachDay(f, 1);
  const occurrences = await listScheduleOccurrences(f.db, { scheduleId: id, limit: 1000 });
  expect(occurrences).toHaveLength(100);
  expect(occurrences[0]).toMatchObject({ outcome: 'submitted' });
});

test('an occurrence is fired once also when the clock is put back', async () => {
  await using f = await createFixture();
  const id = await f.schedule({ overlap: 'queue' });
  await f.setClock(DAY_MS);
  const [first] = await fireDueSchedules(f.db);
  await f.setClock(0);
  await pauseSchedule(f.db, id);
  await resumeSchedule(f.db, id);
  expect(await getSchedule(f.db, id)).toMatchObject({ nextOccurrenceAt: first?.occursAt });
  await f.setClock(DAY_MS);
  expect(await fireDueSchedules(f.db)).toEqual([]);
  await f.setClock(2 * DAY_MS);
  expect(await fireDueSchedules(f.db)).toMatchObject([{ outcome: 'submitted' }]);
  expect(await countJobs(f)).toBe(2);
});

test('three schedulers on connections of their own make one job of each occurrence', async () => {
  await using f = await createFixture();
  const ids = await Promise.all(Array.from({ length: 20 }, () => f.schedule({ overlap: 'queue' })));
  const errors: unknown[] = [];
  const days = 10;
  {
    await using stack = new AsyncDisposableStack();
    for (const applicationName of ['one', 'two', 'three']) {
      const { databaseUrl } = f.database;
      const pool = stack.adopt(createServicePool({ databaseUrl, applicationName, max: 1 }), (p) => p.end());
      stack.use(startScheduler({ pool, pollIntervalMs: 5, onError: (error) => errors.push(error) }));
    }
    for (let day = 1; day <= days; day++) {
      await f.setClock(day * DAY_MS);
      await expect
        .poll(async () => {
          const { rows } = await f.db.query(
            'select count(*)::integer as n from public.automation_schedules where next_occurrence_at <= gantry.clock()',
          );
          return rows[0].n;
        })
        .toBe(0);
    }
  }
  expect(errors).toEqual([]);
  const { rows } = await f.db.query(
    `select schedule_id as id, count(*)::integer as jobs, count(distinct scheduled_for)::integer as occurrences
     from public.automation_jobs group by schedule_id`,
  );
  expect(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
    ids.toSorted().map((id) => ({ id, jobs: days, occurrences: days })),
  );
  const { rows: occurrences } = await f.db.query(
    `select count(*)::integer as n from public.automation_schedule_occurrences f
     join public.automation_jobs j on j.id = f.job_id and j.schedule_id = f.schedule_id and j.scheduled_for = f.occurs_at`,
  );
  expect(occurrences).toEqual([{ n: ids.length * days }]);
});

test('a scheduler fires at the time, and ends when it is told', async () => {
  await using f = await createFixture();
  const id = await f.schedule();
  await f.db.query(
    `update public.automation_schedules set next_occurrence_at = gantry.clock() + interval '300 ms'`,
  );
  await using _scheduler = startScheduler({ pool: f.db, pollIntervalMs: 60_000, onError: () => {} });
  await expect.poll(async () => (await getSchedule(f.db, id))?.lastOccurrence?.outcome).toBe('submitted');
});
