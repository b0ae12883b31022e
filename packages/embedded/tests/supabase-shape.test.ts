import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createTestDatabase, type TestDatabase } from '../src/testing/index.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  client = new pg.Client({ connectionString: database.databaseUrl });
  await client.connect();
});
afterEach(() => client.end());

/** The first row of a statement. */
async function row(sql: string): Promise<unknown> {
  return (await client.query<Record<string, unknown>>(sql)).rows[0];
}

describe('roles', () => {
  test.each([
    ['postgres', { super: false, bypassrls: true, createrole: true, createdb: true, login: true }],
    ['service_role', { super: false, bypassrls: true, createrole: false, createdb: false, login: false }],
    ['authenticated', { super: false, bypassrls: false, createrole: false, createdb: false, login: false }],
    ['anon', { super: false, bypassrls: false, createrole: false, createdb: false, login: false }],
    ['supabase_auth_admin', { super: false, bypassrls: false, createrole: false, login: true }],
    ['supabase_admin', { super: true }],
  ])('%s may what it may in Supabase', async (name, expected) => {
    expect(
      await row(`select rolsuper as super, rolbypassrls as bypassrls, rolcreaterole as createrole, rolcreatedb as createdb,
        rolcanlogin as login from pg_roles where rolname = '${name}'`),
    ).toMatchObject(expected);
  });

  test('authenticator holds the roles of requests without inheriting from them', async () => {
    expect(
      await row(`select rolinherit as inherits, pg_has_role('authenticator', 'anon', 'set') as anon,
        pg_has_role('authenticator', 'authenticated', 'set') as authenticated,
        pg_has_role('authenticator', 'service_role', 'set') as service from pg_roles where rolname = 'authenticator'`),
    ).toEqual({ inherits: false, anon: true, authenticated: true, service: true });
  });

  test.each(['anon', 'authenticated', 'service_role'])('postgres can act as %s', async (role) => {
    await client.query(`set role ${role}`);
    expect(await row('select current_user')).toEqual({ current_user: role });
  });

  test.each([
    ['anon', '3s'],
    ['authenticated', '8s'],
  ])('statements of %s end after %s', async (role, timeout) => {
    const { rows } = await client.query<{ settings: string[] }>(
      'select rolconfig as settings from pg_roles where rolname = $1',
      [role],
    );
    expect(rows[0]?.settings).toContain(`statement_timeout=${timeout}`);
  });

  test.each([
    ['reading the server’s files', `select pg_read_file('/etc/passwd')`],
    ['running programs', `copy (select 1) to program 'true'`],
    ['becoming a superuser', 'alter role postgres superuser'],
    ['changing the schema auth', 'alter table auth.users add column more text'],
    ['triggers for the whole database', 'create event trigger t on ddl_command_end execute function f()'],
  ])('hosted Supabase refuses postgres %s, and so does this', async (_what, sql) => {
    await expect(client.query(sql)).rejects.toThrow(/permission denied|must be owner|must be superuser/);
  });
});

describe('a new table in public', () => {
  test('is nobody’s but its maker’s until it is granted', async () => {
    await client.query('create table public.fresh (id int)');
    for (const role of ['anon', 'authenticated', 'service_role']) {
      await client.query(`set role ${role}`);
      await expect(client.query('select from public.fresh')).rejects.toThrow('permission denied');
      await client.query('reset role');
    }
  });
});

describe('auth', () => {
  const CLAIMS = {
    sub: '5c39e1c5-9de0-4b1f-8b0a-4bdf3e8d5b3c',
    role: 'authenticated',
    email: 'a@example.com',
    app_metadata: { role: 'admin' },
  };
  const who = 'select auth.uid() as uid, auth.role() as role, auth.email() as email, auth.jwt() as jwt';

  test('functions read the claims of the request', async () => {
    await client.query('begin');
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [JSON.stringify(CLAIMS)]);
    await client.query('set local role authenticated');
    expect(await row(who)).toEqual({ uid: CLAIMS.sub, role: CLAIMS.role, email: CLAIMS.email, jwt: CLAIMS });
    await client.query('commit');
    expect(await row(who)).toEqual({ uid: null, role: null, email: null, jwt: null });
  });

  test('functions prefer the one-claim settings of older versions', async () => {
    await client.query(
      `select set_config('request.jwt.claims', $1, false),
      set_config('request.jwt.claim.role', 'anon', false), set_config('request.jwt.claim.email', 'b@example.com', false)`,
      [JSON.stringify(CLAIMS)],
    );
    expect(await row(who)).toMatchObject({ uid: CLAIMS.sub, role: 'anon', email: 'b@example.com' });
  });

  test('belongs to supabase_auth_admin, storage to supabase_storage_admin', async () => {
    expect(
      (
        await client.query(
          `select schemaname, tableowner, array_agg(tablename::text order by tablename) as tables from pg_tables
           where schemaname in ('auth', 'storage') group by 1, 2 order by 1`,
        )
      ).rows,
    ).toEqual([
      {
        schemaname: 'auth',
        tableowner: 'supabase_auth_admin',
        tables: ['identities', 'mfa_factors', 'refresh_tokens', 'sessions', 'users'],
      },
      { schemaname: 'storage', tableowner: 'supabase_storage_admin', tables: ['buckets', 'objects'] },
    ]);
  });

  test('tables can be read and referenced by postgres, and by no role of a request', async () => {
    const { id } = await database.createUser();
    await client.query(
      'create table public.own (user_id uuid primary key references auth.users (id) on delete cascade)',
    );
    await client.query('insert into public.own values ($1)', [id]);
    await expect(client.query('insert into public.own values (gen_random_uuid())')).rejects.toThrow(
      'foreign key',
    );
    expect(await row('select count(*)::int as sessions from auth.sessions')).toEqual({ sessions: 0 });
    await client.query('delete from auth.users where id = $1', [id]);
    expect(await row('select count(*)::int as own from public.own')).toEqual({ own: 0 });
    for (const role of ['anon', 'authenticated', 'service_role']) {
      await client.query(`set role ${role}`);
      for (const table of ['users', 'sessions', 'refresh_tokens', 'identities']) {
        await expect(client.query(`select from auth.${table}`)).rejects.toThrow('permission denied');
      }
      await client.query('reset role');
    }
  });
});

test('pgcrypto stands in the schema extensions, as the search path of postgres expects it', async () => {
  expect(
    await row(`select n.nspname as schema, encode(digest('a', 'sha256'), 'hex') as digest
      from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'pgcrypto'`),
  ).toEqual({
    schema: 'extensions',
    digest: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
  });
});

test('the record of migrations is no business of a request', async () => {
  await client.query('set role service_role');
  await expect(client.query('select from supabase_migrations.schema_migrations')).rejects.toThrow(
    'permission denied',
  );
});
