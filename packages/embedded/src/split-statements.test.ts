import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { canonicalSql, splitStatements } from './split-statements.ts';

test.each([
  ['a semicolon', 'select 1; select 2;', ['select 1', 'select 2']],
  ['the end of the text', 'select 1', ['select 1']],
  ['nothing but space and semicolons', ' ;\n; ', []],
])('ends statements at %s', (_what, sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements);
});

test.each([
  ['a string', `select 'a;''b;'`],
  ['a string with backslashes', String.raw`select E'a\';b'`],
  ['a quoted name', 'select ";""x;"'],
  ['a line comment', '-- one; two\nselect 1'],
  ['a block comment in another', '/* one; /* two; */ three; */ select 1'],
  ['a function body', 'create function f() returns int language plpgsql as $$ begin return 1; end; $$'],
  ['a body whose quotes have a name', `do $body$ begin perform '$$'; end $body$`],
])('leaves %s whole', (_what, sql) => {
  expect(splitStatements(`${sql}; select 2;`)).toEqual([sql, 'select 2']);
});

test('takes a dollar inside a name and a parameter for what they are', () => {
  expect(splitStatements('select a$b; select $1; select c$b')).toEqual([
    'select a$b',
    'select $1',
    'select c$b',
  ]);
});

test('takes a name that ends in e for no mark of backslashes', () => {
  expect(splitStatements(String.raw`select date'2020-01-01\'; select 2`)).toEqual([
    String.raw`select date'2020-01-01\'`,
    'select 2',
  ]);
});

describe('the canonical text', () => {
  const SQL = `create table a (b text default 'x  y'); -- A table.\nselect 1;`;

  test.each([
    `create table a(b text default 'x  y');select 1`,
    `-- Another; comment\ncreate table a ( b text\n  default 'x  y' );\n/* one /* in another */ */ select 1 ; ;`,
  ])('of %j is the same', (sql) => {
    expect(canonicalSql(sql)).toBe(canonicalSql(SQL));
  });

  test.each([
    `create table a (b text default 'x y'); select 1;`,
    `create table a (b text default 'x  y'); select 11;`,
    `create table a (b text default 'x  y -- '); select 1;`,
    `create table a (btext default 'x  y'); select 1;`,
    `create table a (b text default 'x  y'); -- select 1;`,
  ])('of %j is another', (sql) => {
    expect(canonicalSql(sql)).not.toBe(canonicalSql(SQL));
  });

  test('of a file and of its statements, as they are recorded, is the same', async () => {
    const directory = join(import.meta.dirname, '../../../supabase/migrations');
    for (const file of await readdir(directory)) {
      const sql = await readFile(join(directory, file), 'utf8');
      expect(canonicalSql(splitStatements(sql).join(';\n')), file).toBe(canonicalSql(sql));
    }
  });
});
