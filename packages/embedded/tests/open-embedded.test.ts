import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { applyMigrations, type EmbeddedError, openEmbedded } from '../src/index.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../supabase/migrations');

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gantry-embedded-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const open = (host = '127.0.0.1') => openEmbedded({ dataDir, host, migrationsDir: MIGRATIONS });

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmasterPid = async () =>
  Number((await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A process that opens the data directory and stays. */
async function openElsewhere(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'open-and-stay.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('opening a data directory', () => {
  test('starts Postgres 17 with the migrations applied, as a role that is no superuser', async () => {
    await using database = await open();
    const [row] = await query(
      database.databaseUrl,
      `select current_user, current_setting('server_version_num')::int / 10000 as major, current_setting('is_superuser') as super,
         current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
         to_regclass('public.automation_jobs') is not null as migrated`,
    );
    expect(row).toEqual({
      current_user: 'postgres',
      major: 17,
      super: 'off',
      fsync: 'on',
      sync: 'on',
      migrated: true,
    });
  });

  test('keeps the data when it is opened again', async () => {
    {
      await using first = await open();
      await query(first.databaseUrl, `create table public.kept as select 'still here' as word`);
    }
    await using second = await open();
    expect(await query(second.databaseUrl, 'select word from public.kept')).toEqual([{ word: 'still here' }]);
  });

  test('adopts the Postgres of another process and leaves it running', async () => {
    const owner = await openElsewhere();
    try {
      const pid = await postmasterPid();
      {
        await using adopted = await open();
        expect(adopted.isOwner).toBe(false);
        expect(await query(adopted.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
      }
      expect(isAlive(pid)).toBe(true);
    } finally {
      owner.kill('SIGKILL');
      await once(owner, 'exit');
    }
  });

  test('SIGKILL of the owner takes Postgres along, and the data can be opened again', async () => {
    const owner = await openElsewhere();
    const pid = await postmasterPid();
    owner.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 20 });
    await using again = await open();
    expect(again.isOwner).toBe(true);
  });

  test('two data directories run side by side', async () => {
    await using one = await open();
    await using two = await openEmbedded({
      dataDir: join(dataDir, 'other'),
      host: '127.0.0.1',
      migrationsDir: MIGRATIONS,
    });
    expect(one.databaseUrl).not.toBe(two.databaseUrl);
    expect(await query(two.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('lets two openers at the same moment share one Postgres', async () => {
    const both = await Promise.all([open(), open()]);
    expect(both.map((database) => database.isOwner).toSorted()).toEqual([false, true]);
    for (const database of both) await database[Symbol.asyncDispose]();
  });

  test('works where the path is too long for a Unix socket', async () => {
    const deep = join(dataDir, 'd'.repeat(120));
    await using database = await openEmbedded({
      dataDir: deep,
      host: '127.0.0.1',
      migrationsDir: MIGRATIONS,
    });
    expect(await query(database.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('keeps passwords where only their owner reads them', async () => {
    await using database = await open();
    expect(database.isOwner).toBe(true);
    expect((await stat(join(dataDir, 'passwords.json'))).mode & 0o777).toBe(0o600);
  });
});

describe('demo accounts', () => {
  test('are refused on an address that other machines reach, with what to do', async () => {
    {
      await using database = await open();
      expect(database.hasDemoAccounts).toBe(true);
    }
    await expect(open('0.0.0.0')).rejects.toMatchObject({
      code: 'DEMO_ACCOUNTS_NEED_LOOPBACK',
      message: expect.stringContaining('change the passwords'),
    } satisfies Partial<Record<keyof EmbeddedError, unknown>>);
  });

  test('are not made in a new directory on such an address', async () => {
    await using database = await open('0.0.0.0');
    expect(database.hasDemoAccounts).toBe(false);
    expect(await query(database.databaseUrl, 'select from auth.users')).toEqual([]);
  });
});

describe('migrations', () => {
  test('are applied once, in order, and recorded as the Supabase CLI records them', async () => {
    await using database = await open();
    const directory = join(dataDir, 'more/migrations');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, '20990101000000_add_word.sql'), 'create table public.word (word text);');
    await writeFile(
      join(directory, '20990102000000_fill_word.sql'),
      `insert into public.word values ('once');`,
    );
    expect(await applyMigrations(database.databaseUrl, directory)).toEqual([
      '20990101000000',
      '20990102000000',
    ]);
    expect(await applyMigrations(database.databaseUrl, directory)).toEqual([]);
    expect(await query(database.databaseUrl, 'select word from public.word')).toEqual([{ word: 'once' }]);
    expect(
      await query(
        database.databaseUrl,
        `select name from supabase_migrations.schema_migrations where version like '2099%' order by version`,
      ),
    ).toEqual([{ name: 'add_word' }, { name: 'fill_word' }]);
  });

  test('that fail leave nothing of themselves, and are named', async () => {
    await using database = await open();
    const directory = join(dataDir, 'bad/migrations');
    await mkdir(directory, { recursive: true });
    await writeFile(
      join(directory, '20990101000000_broken.sql'),
      'create table public.half (a int); select no_such_thing;',
    );
    await expect(applyMigrations(database.databaseUrl, directory)).rejects.toThrow(
      '20990101000000_broken.sql',
    );
    expect(await query(database.databaseUrl, `select to_regclass('public.half') as half`)).toEqual([
      { half: null },
    ]);
  });
});
