import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  addArtifact,
  appendEvents,
  cancelJob,
  completeJob,
  createUpload,
  type Db,
  getJob,
  getSchedule,
  listJobs,
  newUploadKey,
  withUser,
} from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const SHA = 'a'.repeat(64);
/** What belongs to a job or its owner. */
const OWNED = [
  'automation_jobs',
  'automation_uploads',
  'automation_job_payloads',
  'automation_job_events',
  'automation_job_rows',
  'automation_job_artifacts',
  'automation_job_dependencies',
  'automation_schedules',
  'automation_schedule_occurrences',
  'job_execution_metrics',
];
const ADMIN_ONLY = ['automation_queues', 'automation_workers'];
const FOR_ALL = ['automation_services'];

/** A user with a completed job, and one that ran after it: something in every table. */
async function addUserWithJob(f: Fixture) {
  const user = await f.database.createUser();
  const upload = await createUpload(f.db, {
    userId: user.id,
    storageKey: newUploadKey(),
    fileName: 'a.csv',
    contentType: 'text/csv',
    size: 1,
    sha256: SHA,
    rowCount: 1,
  });
  const jobId = await f.submit({ userId: user.id, uploadId: upload.id });
  await f.claim(await f.addWorker());
  await appendEvents(f.db, {
    jobId,
    attempt: 1,
    events: [{ type: 'row', data: { index: 0, key: 'K', status: 'completed', data: {}, error: null } }],
  });
  await addArtifact(f.db, {
    id: randomUUID(),
    jobId,
    attempt: 1,
    name: 'results.csv',
    contentType: 'text/csv',
    size: 1,
    sha256: SHA,
    storageKey: `jobs/${jobId}/1/x`,
    rowIndex: null,
  });
  const dependentId = await f.submit({ userId: user.id, dependsOn: [{ jobId }] });
  await completeJob(f.db, { jobId, attempt: 1, summary: {}, resultTtlMs: 60_000, browser: {} });
  await cancelJob(f.db, { jobId: dependentId, reason: 'cancelled_by_owner' });
  const scheduleId = await f.schedule({ userId: user.id });
  await f.db.query(
    `insert into public.automation_schedule_occurrences (schedule_id, occurs_at, outcome, job_id) values ($1, now(), 'submitted', $2)`,
    [scheduleId, jobId],
  );
  return { userId: user.id, jobId, dependentId, scheduleId };
}

const count = async (db: Db, table: string, where = 'true') =>
  (await db.query(`select count(*)::integer as n from public.${table} where ${where}`)).rows[0].n;

test('the tests below speak of every table there is', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')`,
  );
  expect(rows.map(({ relname }) => relname).toSorted()).toEqual(
    [...OWNED, ...ADMIN_ONLY, ...FOR_ALL].toSorted(),
  );
});

test('a user sees what is theirs and nothing of others, in every table', async () => {
  await using f = await createFixture();
  const [one, other] = [await addUserWithJob(f), await addUserWithJob(f)];
  await withUser(f.db, { sub: one.userId }, async (db) => {
    for (const table of OWNED) {
      const isOwn =
        {
          automation_jobs: `user_id = '${one.userId}'`,
          automation_uploads: `user_id = '${one.userId}'`,
          automation_schedules: `id = '${one.scheduleId}'`,
        }[table] ?? `job_id in ('${one.jobId}', '${one.dependentId}')`;
      expect([table, await count(db, table, isOwn)]).not.toEqual([table, 0]);
      expect([table, await count(db, table, `not (${isOwn})`)]).toEqual([table, 0]);
    }
    for (const table of ADMIN_ONLY) expect([table, await count(db, table)]).toEqual([table, 0]);
    expect(await count(db, 'automation_services')).toBe(1);
    expect(await getJob(db, other.jobId)).toBeNull();
    expect(await getSchedule(db, other.scheduleId)).toBeNull();
    expect((await listJobs(db, { userId: other.userId, limit: 10 })).jobs).toEqual([]);
  });
});

test('an admin sees all', async () => {
  await using f = await createFixture();
  await addUserWithJob(f);
  await addUserWithJob(f);
  const { id: sub } = await f.database.createUser({ isAdmin: true });
  // Also with a token from before they became one.
  for (const claims of [{ sub, app_metadata: { role: 'admin' } }, { sub }]) {
    await withUser(f.db, claims, async (db) => {
      for (const table of OWNED) expect(await count(db, table)).toBeGreaterThanOrEqual(2);
      for (const table of ADMIN_ONLY) expect(await count(db, table)).toBeGreaterThanOrEqual(1);
    });
  }
});

test.each([
  ['who was demoted', `update auth.users set raw_app_meta_data = '{}' where id = $1`],
  ['who was banned', `update auth.users set banned_until = now() + interval '1 day' where id = $1`],
  ['whose account was deleted', 'update auth.users set deleted_at = now() where id = $1'],
])('an admin %s sees nothing of others from then on, whatever their token says', async (_what, statement) => {
  await using f = await createFixture();
  await addUserWithJob(f);
  await f.db.query('update public.automation_services set is_enabled = false');
  const { id: sub } = await f.database.createUser({ isAdmin: true });
  await f.asOwner(statement, [sub]);
  await withUser(f.db, { sub, aal: 'aal2', app_metadata: { role: 'admin' } }, async (db) => {
    for (const table of [...OWNED, ...ADMIN_ONLY, ...FOR_ALL])
      expect([table, await count(db, table)]).toEqual([table, 0]);
  });
});

test.each([
  { user_metadata: { role: 'admin' } },
  { role: 'admin' },
  { app_metadata: { role: 'admin' } },
  { app_metadata: { role: 'Admin' } },
  { app_metadata: 'admin' },
])('claims that only look like an admin’s are those of nobody special: %j', async (claims) => {
  await using f = await createFixture();
  await addUserWithJob(f);
  expect(await withUser(f.db, { ...claims, sub: f.user.id }, (db) => count(db, 'automation_jobs'))).toBe(0);
});

test('a service that was taken off is seen by admins only', async () => {
  await using f = await createFixture();
  await f.db.query('update public.automation_services set is_enabled = false');
  const claims = { sub: f.user.id };
  expect(await withUser(f.db, claims, (db) => count(db, 'automation_services'))).toBe(0);
  const admin = await f.database.createUser({ isAdmin: true });
  expect(await withUser(f.db, { sub: admin.id }, (db) => count(db, 'automation_services'))).toBe(1);
});

describe('who is not the service role', () => {
  const TABLES = [...OWNED, ...ADMIN_ONLY, ...FOR_ALL];

  test.each(['anon', 'authenticated'])(
    '%s can write nothing and reach nothing of the schema gantry',
    async (role) => {
      await using f = await createFixture();
      const { rows } = await f.db.query(
        `select c.oid::regclass::text as name, p.privilege
       from pg_class c cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) p (privilege)
       where c.relnamespace in ('public'::regnamespace, 'gantry'::regnamespace) and c.relkind in ('r', 'p', 'v')
         and has_table_privilege($1, c.oid, p.privilege)
       union all
       select c.oid::regclass::text, 'USAGE' from pg_class c
       where c.relnamespace in ('public'::regnamespace, 'gantry'::regnamespace) and
         case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'USAGE, SELECT, UPDATE') end
       union all
       select p.oid::regprocedure::text, 'EXECUTE' from pg_proc p
       where p.pronamespace = 'gantry'::regnamespace and has_function_privilege($1, p.oid, 'EXECUTE')
       union all
       select 'gantry', 'USAGE' where has_schema_privilege($1, 'gantry', 'USAGE')`,
        [role],
      );
      // What policies call, they call as the user. Without usage of the schema it cannot be named.
      const calledByPolicies =
        role === 'anon' ? [] : [{ name: 'gantry.caller_has_admin_rights()', privilege: 'EXECUTE' }];
      expect(rows).toEqual(calledByPolicies);
    },
  );

  test('anon can read nothing', async () => {
    await using f = await createFixture();
    const { rows } = await f.db.query(
      `select t from unnest($1::text[]) t where has_table_privilege('anon', 'public.' || t, 'SELECT')`,
      [TABLES],
    );
    expect(rows).toEqual([]);
  });

  test('a user who tries to write is refused', async () => {
    await using f = await createFixture();
    const { userId, jobId, scheduleId } = await addUserWithJob(f);
    for (const statement of [
      `update public.automation_schedules set priority = 2 where id = '${scheduleId}'`,
      `delete from public.automation_schedule_occurrences where schedule_id = '${scheduleId}'`,
      `update public.automation_jobs set priority = 2 where id = '${jobId}'`,
      `delete from public.automation_jobs where id = '${jobId}'`,
      `insert into public.automation_queues (name) values ('mine')`,
      `select gantry.cancel_job('${jobId}', 'cancelled_by_owner', 1)`,
      `select gantry.claim_jobs('${randomUUID()}', 1, 1)`,
      `select * from gantry.lingering_attempts`,
      `select gantry.caller_has_admin_rights()`,
      `select gantry.has_admin_rights('{}')`,
      `select * from auth.users`,
    ]) {
      await expect(
        withUser(f.db, { sub: userId }, (db) => db.query(statement)),
        statement,
      ).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('a user sees no stored file and can store none', async () => {
    await using f = await createFixture();
    await f.asOwner(
      `insert into storage.objects (bucket_id, name, owner) values ('gantry', 'uploads/x', $1)`,
      [f.user.id],
    );
    await withUser(f.db, { sub: f.user.id }, async (db) => {
      const seen = await db.query('select from storage.objects').catch(({ code }) => ({ rowCount: code }));
      expect([0, '42501']).toContain(seen.rowCount);
    });
    await expect(
      withUser(f.db, { sub: f.user.id }, (db) =>
        db.query(`insert into storage.objects (bucket_id, name) values ('gantry', 'uploads/y')`),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    const { rows } = await f.db.query(`select public from storage.buckets where id = 'gantry'`);
    expect(rows).toEqual([{ public: false }]);
  });
});

/** What the service role may write itself. All else it writes by functions. */
const ARRANGED: Record<string, string[]> = {
  automation_queues: ['INSERT', 'UPDATE'],
  automation_services: ['INSERT', 'UPDATE'],
  automation_workers: ['DELETE'],
  automation_uploads: ['INSERT', 'UPDATE', 'DELETE'],
  automation_schedules: ['INSERT', 'UPDATE', 'DELETE'],
  automation_schedule_occurrences: ['INSERT', 'DELETE'],
};

test('the service role writes neither jobs nor what belongs to them, but by functions', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query<{ name: string; privileges: string[] }>(
    `select c.relname as name, array_agg(p.privilege order by p.n) as privileges
     from pg_class c cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'])
       with ordinality p (privilege, n)
     where c.relnamespace in ('public'::regnamespace, 'gantry'::regnamespace) and c.relkind in ('r', 'p', 'v')
       and has_table_privilege('service_role', c.oid, p.privilege) group by c.relname`,
  );
  expect(Object.fromEntries(rows.map(({ name, privileges }) => [name, privileges]))).toEqual(ARRANGED);
  const { jobId } = await addUserWithJob(f);
  for (const statement of [
    `update public.automation_jobs set status = 'pending' where id = '${jobId}'`,
    `delete from public.automation_jobs`,
    `delete from gantry.ready_jobs`,
    `update public.automation_job_events set attempt = 9`,
    `update public.job_execution_metrics set browser_launch_ms = 9`,
  ])
    await expect(f.db.query(statement), statement).rejects.toMatchObject({ code: '42501' });
});

test('no function of the queue depends on a search path, and only those that write and five more act as the owner', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(
    `select proname, prosecdef, proconfig, prosqlbody is not null as "isParsed", provolatile = 'v' as writes
     from pg_proc where pronamespace = 'gantry'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(20);
  expect(
    rows.filter(({ proconfig, isParsed }) => !isParsed && !proconfig?.includes('search_path=""')),
  ).toEqual([]);
  // What reads only acts as the caller, but for what has to know of accounts.
  expect(
    rows
      .filter(({ prosecdef, writes }) => prosecdef && !writes)
      .map(({ proname }) => proname)
      .toSorted(),
  ).toEqual([
    'caller_has_admin_rights',
    'email_of',
    'has_admin_rights',
    'is_account_open',
    'is_session_open',
  ]);
  expect(rows.filter(({ prosecdef, writes, isParsed }) => writes && !isParsed && !prosecdef)).toEqual([]);
});
