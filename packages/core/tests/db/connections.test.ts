import { expect, test } from 'vitest';

import { createServicePool, withTransaction, withUser } from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const WHO = `select current_user as role, coalesce(current_setting('request.jwt.claims', true), '') as claims`;

/** A pool of one connection: whoever comes next gets the same one. */
function onePool(f: Fixture) {
  const pool = createServicePool({
    databaseUrl: f.database.databaseUrl,
    applicationName: 'one connection',
    max: 1,
  });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}

const who = async (pool: ReturnType<typeof onePool>) => (await pool.query(WHO)).rows[0];

test('every connection of the pool acts as the service role from its first query on', async () => {
  await using f = await createFixture();
  const pool = createServicePool({
    databaseUrl: f.database.databaseUrl,
    applicationName: 'many connections',
    max: 10,
  });
  const roles = await Promise.all(
    Array.from({ length: 10 }, () =>
      withTransaction(pool, async (db) => (await db.query(`${WHO}, pg_sleep(0.05)`)).rows[0].role),
    ),
  );
  await pool.end();
  expect(new Set(roles)).toEqual(new Set(['service_role']));
});

test('so does one that replaces a connection that was killed', async () => {
  await using f = await createFixture();
  await using pool = onePool(f);
  const { rows } = await pool.query('select pg_backend_pid() as pid');
  await f.asOwner('select pg_terminate_backend($1, 10000)', [rows[0].pid]);
  await expect
    .poll(() =>
      pool.query('select pg_backend_pid() as pid').then(
        (r) => r.rows[0].pid,
        () => null,
      ),
    )
    .toEqual(expect.any(Number));
  expect(await who(pool)).toEqual({ role: 'service_role', claims: '' });
});

test('a user’s queries run as that user, and nothing of it is left on the connection', async () => {
  await using f = await createFixture();
  await using pool = onePool(f);
  const seen = await withUser(
    pool,
    { sub: f.user.id, role: 'service_role' },
    async (db) => (await db.query(`${WHO}, auth.uid() as uid`)).rows[0],
  );
  expect(seen).toMatchObject({ role: 'authenticated', uid: f.user.id });
  expect(JSON.parse(seen.claims)).toEqual({ sub: f.user.id, role: 'authenticated' });
  expect(await who(pool)).toEqual({ role: 'service_role', claims: '' });
});

test('nor after an error in the middle', async () => {
  await using f = await createFixture();
  await using pool = onePool(f);
  await expect(
    withUser(pool, { sub: f.user.id }, async (db) => {
      await db.query('select 1 / 0');
    }),
  ).rejects.toMatchObject({ code: '22012' });
  await expect(withUser(pool, { sub: f.user.id }, () => Promise.reject(new Error('mine')))).rejects.toThrow(
    'mine',
  );
  expect(await who(pool)).toEqual({ role: 'service_role', claims: '' });
});

test('nor when the connection breaks in the middle', async () => {
  await using f = await createFixture();
  await using pool = onePool(f);
  await expect(
    withUser(pool, { sub: f.user.id }, async (db) => {
      const { rows } = await db.query('select pg_backend_pid() as pid');
      await f.asOwner('select pg_terminate_backend($1, 10000)', [rows[0].pid]);
      await db.query('select 1');
    }),
  ).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(await who(pool)).toEqual({ role: 'service_role', claims: '' });
});

test('what a transaction did is undone when it fails', async () => {
  await using f = await createFixture();
  await expect(
    withTransaction(f.db, async (db) => {
      await db.query(`insert into public.automation_queues (name) values ('gone')`);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  const { rowCount } = await f.db.query(`select from public.automation_queues where name = 'gone'`);
  expect(rowCount).toBe(0);
});

test('a database that is not there is unavailable', async () => {
  const pool = createServicePool({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    applicationName: 'nowhere',
  });
  await expect(withUser(pool, { sub: 'x' }, () => Promise.resolve())).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
  await pool.end();
});

test('a statement that is too slow is ended by the server', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(`select current_setting('statement_timeout') as time`);
  expect(rows).toEqual([{ time: '25s' }]);
});
