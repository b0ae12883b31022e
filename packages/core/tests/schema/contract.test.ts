import {
  ERRORS,
  SQL_ERRORS,
  STATUS_REASON_CODES,
  statusReasonSchema,
  USER_CONSTRAINTS,
  WAIT_REASON_CODES,
} from '@gantry/contract';
import { expect, test } from 'vitest';

import { createQueue } from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

test('SQL and the contract have the same reasons', async () => {
  await using f = await createFixture();
  const codesOf = async (type: string) =>
    (await f.db.query(`select unnest(enum_range(null::gantry.${type}))::text as code order by 1`)).rows.map(
      ({ code }) => code,
    );
  expect(await codesOf('status_reason')).toEqual(STATUS_REASON_CODES.toSorted());
  expect(await codesOf('wait_reason')).toEqual(WAIT_REASON_CODES.toSorted());
});

test('each status reason of SQL has the parameters of the contract', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(
    `select gantry.status_cause(r, case r when 'dependency_failed' then gantry.new_id() end, 3::smallint) as cause
     from unnest(enum_range(null::gantry.status_reason)) r`,
  );
  for (const { cause } of rows) expect(statusReasonSchema.parse(cause)).toEqual(cause);
});

test('SQL raises the errors of the contract and no others, by code', async () => {
  await using f = await createFixture();
  const source = await readFunctions(f);
  // Raised without a code only to undo a block, by the function that catches it.
  const caught = [
    ...source.matchAll(/raise exception using errcode = '(GQ\d{3})';\s*exception when sqlstate '\1'/g),
  ];
  const raised = [...source.matchAll(/raise exception using errcode = '(\w+)', message = '(\w+)'/g)];
  expect(raised.length + caught.length).toBe([...source.matchAll(/raise exception/g)].length);
  for (const [, sqlState = '', code] of raised) expect(SQL_ERRORS[sqlState]?.code, sqlState).toBe(code);

  const own = Object.keys(SQL_ERRORS).filter((sqlState) => sqlState.startsWith('GQ'));
  const inner = new Set(caught.map(([, sqlState]) => sqlState));
  const used = new Set([...source.matchAll(/'(GQ\d{3})'/g)].map(([, sqlState]) => sqlState));
  expect([...used.difference(inner)].toSorted()).toEqual(own.toSorted());
});

test('an error that SQL raises has the sentence of its code and the parameters', async () => {
  await using f = await createFixture();
  await createQueue(f.db, { name: 'port', concurrencyLimit: 1 });
  await expect(createQueue(f.db, { name: 'port', concurrencyLimit: 1 })).rejects.toMatchObject({
    code: 'QUEUE_EXISTS',
    message: ERRORS.QUEUE_EXISTS.message,
    details: { queue: 'port' },
  });
});

test('the contract names every foreign key of a user', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(
    `select conname as name from pg_constraint c join pg_namespace s on s.oid = c.connamespace
     where c.contype = 'f' and c.confrelid = 'auth.users'::regclass and s.nspname in ('public', 'gantry') order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(USER_CONSTRAINTS.toSorted());
});

async function readFunctions({ db }: Fixture): Promise<string> {
  const { rows } = await db.query(
    `select string_agg(p.prosrc, e'\n') as source from pg_proc p where p.pronamespace = 'gantry'::regnamespace`,
  );
  return rows[0].source;
}
