import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { isAlive } from '../src/is-alive.ts';
import { createDataDir, query } from './data-dir.fixture.ts';

test('starts Postgres 17 with the migrations applied, as a role that is no superuser', async () => {
  await using directory = await createDataDir({ isNew: true });
  await using database = await directory.open();
  const [row] = await query(
    database.databaseUrl,
    `select current_user, current_setting('server_version_num')::int / 10000 as major,
       current_setting('is_superuser') as super, to_regclass('public.words') is not null as migrated`,
  );
  expect(row).toEqual({ current_user: 'postgres', major: 17, super: 'off', migrated: true });
  expect(database.isOwner).toBe(true);
});

test('sets what keeps data safe and lets no vanished client hold a lock', async () => {
  await using directory = await createDataDir();
  await using database = await directory.open();
  const rows = await query(
    database.databaseUrl,
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'TimeZone',
       'client_connection_check_interval', 'tcp_keepalives_idle', 'idle_in_transaction_session_timeout', 'server_encoding',
       'listen_addresses', 'password_encryption')`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toMatchObject({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    TimeZone: 'UTC',
    client_connection_check_interval: '2000',
    idle_in_transaction_session_timeout: '60000',
    server_encoding: 'UTF8',
    listen_addresses: '127.0.0.1',
    password_encryption: 'scram-sha-256',
  });
});

test('lets nobody in without a password, neither over TCP nor over the socket', async () => {
  await using directory = await createDataDir();
  await using database = await directory.open();
  const socket = new URL(database.databaseUrl);
  socket.password = 'a guess';
  const tcp = new URL(socket);
  tcp.search = '';
  for (const url of [socket, tcp]) await expect(query(url.href, 'select 1')).rejects.toThrow('password');
  expect((await stat(join(directory.dataDir, 'passwords.json'))).mode & 0o777).toBe(0o600);
});

test('continues with the data, under the same URL', async () => {
  await using directory = await createDataDir();
  const urls: string[] = [];
  for (const word of ['first', 'second']) {
    await using database = await directory.open();
    urls.push(database.databaseUrl);
    await query(database.databaseUrl, `insert into public.words values ('${word}')`);
  }
  await using database = await directory.open();
  expect(await query(database.databaseUrl, 'select word from public.words order by word')).toEqual([
    { word: 'first' },
    { word: 'second' },
  ]);
  expect(new Set([...urls, database.databaseUrl]).size).toBe(1);
});

test('takes another port when its own was taken meanwhile', async () => {
  await using one = await createDataDir();
  await using two = await createDataDir();
  await using first = await one.open();
  const { port } = new URL(first.databaseUrl);
  {
    await using second = await two.open();
    expect(new URL(second.databaseUrl).port).not.toBe(port);
  }
  await writeFile(join(two.dataDir, 'port'), port);
  await using moved = await two.open();
  expect(new URL(moved.databaseUrl).port).not.toBe(port);
  expect(await query(moved.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('adopts the Postgres of another process and leaves it running', async () => {
  await using directory = await createDataDir();
  const owner = await directory.openElsewhere();
  expect(owner.isOwner).toBe(true);
  {
    await using adopted = await directory.open();
    expect(adopted.isOwner).toBe(false);
    expect(adopted.databaseUrl).toBe(owner.databaseUrl);
    expect(await query(adopted.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  }
  expect(isAlive(owner.pid)).toBe(true);
});

test('lets those who open at the same moment share one Postgres', async () => {
  await using directory = await createDataDir({ isNew: true });
  const elsewhere = directory.openElsewhere();
  const here = await Promise.all([directory.open(), directory.open()]);
  const owners = [...here, await elsewhere].filter((database) => database.isOwner);
  expect(owners).toHaveLength(1);
  for (const database of here.toSorted((a, b) => Number(a.isOwner) - Number(b.isOwner))) {
    expect(await query(database.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database[Symbol.asyncDispose]();
  }
});

test('talks over the Unix socket, and over loopback where its path would be too long', async () => {
  await using directory = await createDataDir();
  {
    await using database = await directory.open();
    expect(await query(database.databaseUrl, 'select inet_server_addr() as address')).toEqual([
      { address: null },
    ]);
  }
  await using deep = await directory.open({ dataDir: join(directory.home, 'd'.repeat(100)) });
  const [row] = await query(deep.databaseUrl, 'select host(inet_server_addr()) as address');
  expect(row).toEqual({ address: '127.0.0.1' });
});

test('tells what Postgres says, and ends it cleanly', async () => {
  await using directory = await createDataDir({ isNew: true });
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  {
    await using database = await directory.open({ log });
    await query(database.databaseUrl, 'select 1');
  }
  expect(lines.join('\n')).toContain('ready to accept connections');
  lines.length = 0;
  await using again = await directory.open({ log });
  expect(again.isOwner).toBe(true);
  expect(lines.join('\n')).toContain('database system was shut down at');
});
