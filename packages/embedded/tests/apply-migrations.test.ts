import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { applyMigrations } from '../src/index.ts';
import { createTestDatabase } from '../src/testing/index.ts';
import { query } from './data-dir.fixture.ts';

/** A database and a directory of migrations. */
async function createProject(files: Record<string, string>) {
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), 'gantry-migrations-'));
  stack.defer(() => rm(root, { recursive: true }));
  const { databaseUrl } = stack.use(await createTestDatabase());
  const migrationsDir = join(root, 'supabase/migrations');
  await mkdir(migrationsDir, { recursive: true });
  const write = (more: Record<string, string>) =>
    Promise.all(Object.entries(more).map(([name, sql]) => writeFile(join(migrationsDir, name), sql)));
  await write(files);
  // What made this database is not among these files.
  await query(databaseUrl, 'delete from supabase_migrations.schema_migrations');
  const resources = stack.move();
  return {
    databaseUrl,
    write,
    remove: (name: string) => rm(join(migrationsDir, name)),
    apply: () => applyMigrations(databaseUrl, migrationsDir),
    query: (sql: string) => query(databaseUrl, sql),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const RECORD = `select version, name, statements from supabase_migrations.schema_migrations
  where version like '2099%' order by version`;

test('each is applied once, in order, and recorded where the Supabase CLI records it', async () => {
  await using project = await createProject({
    '20990102000000_fill_word.sql': `insert into public.word values ('a;b');`,
    '20990101000000_add_word.sql': '-- Words.\ncreate table public.word (word text);\n\nselect 1;\n',
    'notes.sql': 'no migration',
  });
  expect(await project.apply()).toEqual(['20990101000000', '20990102000000']);
  expect(await project.apply()).toEqual([]);
  expect(await project.query('select word from public.word')).toEqual([{ word: 'a;b' }]);
  expect(await project.query(RECORD)).toEqual([
    {
      version: '20990101000000',
      name: 'add_word',
      statements: ['-- Words.\ncreate table public.word (word text);\n\nselect 1;\n'],
    },
    {
      version: '20990102000000',
      name: 'fill_word',
      statements: [`insert into public.word values ('a;b');`],
    },
  ]);
});

test('what the CLI has applied is not applied again', async () => {
  await using project = await createProject({ '20990101000000_add_word.sql': 'select no_such_thing;' });
  await project.query(
    `insert into supabase_migrations.schema_migrations (version, name) values ('20990101000000', 'add_word')`,
  );
  expect(await project.apply()).toEqual([]);
});

test('those who apply them at the same moment take turns', async () => {
  await using project = await createProject({
    '20990101000000_add_word.sql': 'create table public.word (word text);',
  });
  const applied = await Promise.all([project.apply(), project.apply(), project.apply()]);
  expect(applied.flat()).toEqual(['20990101000000']);
});

test('one that fails leaves nothing of itself, keeps those before it, and is named with its line', async () => {
  await using project = await createProject({
    '20990101000000_add_word.sql': 'create table public.word (word text);',
    '20990102000000_broken.sql': 'create table public.half (a int);\nselect no_such_thing;',
  });
  await expect(project.apply()).rejects.toThrow(
    'The migration 20990102000000_broken.sql failed at line 2: column "no_such_thing" does not exist',
  );
  expect(
    await project.query(`select to_regclass('public.word') as word, to_regclass('public.half') as half`),
  ).toEqual([{ word: 'word', half: null }]);
  await project.write({ '20990102000000_broken.sql': 'create table public.half (a int);' });
  expect(await project.apply()).toEqual(['20990102000000']);
});

test('what one sets for its session does not reach the next', async () => {
  await using project = await createProject({
    '20990101000000_wander.sql': `set search_path = ''; set role service_role;`,
    '20990102000000_stay.sql': 'create table stayed (owner name default current_user);',
  });
  await project.apply();
  expect(await project.query(`select tableowner from pg_tables where tablename = 'stayed'`)).toEqual([
    { tableowner: 'postgres' },
  ]);
});

describe('a database that was made by another version', () => {
  const FILES = {
    '20990101000000_add_word.sql': '-- Words.\ncreate table public.word (word text);',
    '20990102000000_add_name.sql': 'create table public.name (name text);',
  };

  test('goes on when only comments and blanks were changed', async () => {
    await using project = await createProject(FILES);
    await project.apply();
    await project.write({
      '20990101000000_add_word.sql': '-- A table of words.\n\ncreate table public.word\n  (word text);\n',
    });
    expect(await project.apply()).toEqual([]);
  });

  test('goes on when the Supabase CLI recorded it, statement by statement', async () => {
    await using project = await createProject(FILES);
    await project.apply();
    await project.query(
      `update supabase_migrations.schema_migrations
       set statements = array[E'-- Words.\\ncreate table public.word (word text)'] where version = '20990101000000'`,
    );
    expect(await project.apply()).toEqual([]);
  });

  test('stops before anything is applied when a migration was changed, and says what to do', async () => {
    await using project = await createProject(FILES);
    await project.apply();
    await project.write({
      '20990101000000_add_word.sql': 'create table public.word (word varchar);',
      '20990103000000_more.sql': 'create table public.more (more text);',
    });
    await expect(project.apply()).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringMatching(
        /^Another version of Gantry made this database: its migration 20990101000000_add_word differs.*GANTRY_DATA_DIR[^\n]*$/,
      ),
    });
    expect(await project.query(`select to_regclass('public.more') as more`)).toEqual([{ more: null }]);
  });

  test('stops when that version has a migration that this one lacks', async () => {
    await using project = await createProject(FILES);
    await project.apply();
    await project.remove('20990102000000_add_name.sql');
    await expect(project.apply()).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringContaining('20990102000000_add_name'),
    });
  });
});
