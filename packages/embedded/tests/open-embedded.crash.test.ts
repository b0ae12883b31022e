import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod, cp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { isAlive } from '../src/is-alive.ts';
import { openDatabase } from '../src/open-database.ts';
import { createDataDir, query } from './data-dir.fixture.ts';

test('SIGKILL of the owner takes Postgres along, and loses nothing', async () => {
  await using directory = await createDataDir();
  const { child, pid, databaseUrl } = await directory.openElsewhere();
  await query(databaseUrl, `insert into public.words values ('committed')`);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  await using again = await directory.open();
  expect(again.isOwner).toBe(true);
  expect(await query(again.databaseUrl, 'select word from public.words')).toEqual([{ word: 'committed' }]);
});

test('SIGKILL of the owner takes Postgres along even while somebody is connected and works', async () => {
  await using directory = await createDataDir();
  const { child, pid, databaseUrl } = await directory.openElsewhere();
  const working = query(databaseUrl, `insert into public.words values ('never'); select pg_sleep(600)`);
  const failed = expect(working).rejects.toThrow();
  child.kill('SIGKILL');
  await failed;
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
});

test('the owner’s SIGKILL while another process has it open leads to a new owner under the same URL', async () => {
  await using directory = await createDataDir();
  const { child, pid, databaseUrl } = await directory.openElsewhere();
  await using adopted = await directory.open();
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  await using next = await directory.open();
  expect(next).toMatchObject({ isOwner: true, databaseUrl });
  expect(await query(adopted.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a Postgres that is killed is started again under the same URL', async () => {
  await using directory = await createDataDir();
  await using database = await directory.open();
  const pid = await directory.postmasterPid();
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(async () =>
    expect(await query(database.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]),
  );
  expect(await directory.postmasterPid()).not.toBe(pid);
});

test('opening right after such a crash works', async () => {
  await using directory = await createDataDir();
  for (let crash = 0; crash < 3; crash++) {
    const { child, pid } = await directory.openElsewhere();
    process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await using database = await directory.open();
  expect(await query(database.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a first start that is cut short leaves nothing that stands in the way', async () => {
  await using directory = await createDataDir({ isNew: true });
  const drafts = () => readdirSync(directory.dataDir).filter((name) => name.startsWith('postgres.new-'));
  const child = directory.startElsewhere();
  await vi.waitFor(() => expect(drafts()).toHaveLength(1));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await using database = await directory.open();
  expect(database.isOwner).toBe(true);
  expect(drafts()).toEqual([]);
});

test('a pid file whose number belongs to another program now does not stand in the way', async () => {
  await using directory = await createDataDir();
  {
    await using database = await directory.open();
    expect(database.isOwner).toBe(true);
  }
  // Of the user that runs Postgres, for only then Postgres takes it for a server.
  const { uid, gid } = await stat(join(directory.cluster, 'PG_VERSION'));
  const other = spawn('sleep', ['600'], { uid, gid });
  try {
    const pidFile = join(directory.cluster, 'postmaster.pid');
    await writeFile(pidFile, `${other.pid}\n${directory.cluster}\n1700000000\n5432\n\n127.0.0.1\n`);
    await chmod(pidFile, 0o644);
    await using database = await directory.open();
    expect(database.isOwner).toBe(true);
    expect(isAlive(other.pid ?? 0)).toBe(true);
  } finally {
    other.kill();
  }
});

test('a live Postgres that does not answer is left alone and named', async () => {
  await using directory = await createDataDir();
  const { pid } = await directory.openElsewhere();
  process.kill(pid, 'SIGSTOP');
  try {
    const { dataDir, migrationsDir } = directory;
    await expect(openDatabase({ dataDir, migrationsDir, silenceMs: 1 })).rejects.toMatchObject({
      name: 'EmbeddedError',
      code: 'DATA_DIR_LOCKED',
      message: expect.stringContaining(`pid ${pid}`),
    });
    expect(isAlive(pid)).toBe(true);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a live Postgres that knows other passwords is left alone and named', async () => {
  await using directory = await createDataDir();
  const { pid } = await directory.openElsewhere();
  const passwords = join(directory.dataDir, 'passwords.json');
  await rename(passwords, `${passwords}.kept`);
  await expect(directory.open()).rejects.toMatchObject({
    code: 'DATA_DIR_LOCKED',
    message: expect.stringContaining(`pid ${pid}`),
  });
});

test('a cluster whose passwords were lost, or whose secrets are damaged, is refused in one line', async () => {
  await using directory = await createDataDir();
  {
    await using database = await directory.open();
    expect(database.isOwner).toBe(true);
  }
  const passwords = join(directory.dataDir, 'passwords.json');
  await cp(passwords, `${passwords}.kept`);
  await rm(passwords);
  await expect(directory.open()).rejects.toMatchObject({
    code: 'DATA_DIR_UNREADABLE',
    message: expect.stringMatching(/^.*passwords\.json.*$/),
  });
  await writeFile(passwords, '{"postgres":"half a fi');
  const damaged: unknown = await directory.open().catch((error: unknown) => error);
  expect(damaged).toMatchObject({ code: 'DATA_DIR_UNREADABLE' });
  expect(String(damaged)).not.toContain('half a fi');
  await rename(`${passwords}.kept`, passwords);
  await using database = await directory.open();
  expect(await query(database.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a failing migration ends what was started, and says which and where', async () => {
  await using directory = await createDataDir();
  await writeFile(
    join(directory.migrationsDir, '20250102000000_broken.sql'),
    'create table public.half (a int);\n\nselect no_such_thing;\n',
  );
  await expect(directory.open()).rejects.toThrow('20250102000000_broken.sql failed at line 3');
  expect(await readdir(directory.cluster)).not.toContain('postmaster.pid');
});
