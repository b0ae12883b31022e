import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { choosePostgresUser } from '../src/postgres/postgres-user.ts';
import { findClosedDirectory } from '../src/postgres/run-as.ts';
import { createDataDir, query } from './data-dir.fixture.ts';

const run = promisify(execFile);
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
/** Other users cannot run programs of a checkout below a closed directory. */
const isOpenCheckout = (await findClosedDirectory(NOBODY, [import.meta.filename])) === null;

/** Effective user and capabilities of a process. */
async function rightsOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, uid] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
  const [, capabilities = ''] = /^CapEff:\s+(\w+)/m.exec(status) ?? [];
  return { uid: Number(uid), capabilities: BigInt(`0x${capabilities}`) };
}

describe.runIf(isRoot)('as root', () => {
  test.runIf(isOpenCheckout)('Postgres runs as another user, with no capability', async () => {
    await using directory = await createDataDir({ isNew: true });
    await using database = await directory.open();
    const { runAs } = await choosePostgresUser();
    expect(database.isOwner).toBe(true);
    expect(await rightsOf(await directory.postmasterPid())).toEqual({ uid: runAs?.uid, capabilities: 0n });
  });

  test('below a closed home it keeps the one capability that opens paths', async () => {
    await using directory = await createDataDir({ isNew: true });
    await chmod(directory.home, 0o700);
    await using database = await directory.open();
    expect(await query(database.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    const CAP_DAC_OVERRIDE = 1n << 1n;
    expect((await rightsOf(await directory.postmasterPid())).capabilities).toBe(CAP_DAC_OVERRIDE);
  });

  test('below a closed home, without that capability to give, it says in one line what to do', async () => {
    await using directory = await createDataDir({ isNew: true });
    await chmod(directory.home, 0o700);
    const failed: unknown = await run('setpriv', [
      '--bounding-set=-dac_override',
      process.execPath,
      join(import.meta.dirname, 'open-and-stay.ts'),
      directory.dataDir,
      directory.migrationsDir,
    ]).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      stderr: expect.stringMatching(
        new RegExp(`^EmbeddedError: ${directory.home} is closed to .*chmod o\\+x ${directory.home}.*$`, 'm'),
      ),
    });
  });

  test('files of another user, as after putting back a backup, are given to Postgres', async () => {
    await using directory = await createDataDir();
    {
      await using database = await directory.open();
      await query(database.databaseUrl, `insert into public.words values ('kept')`);
    }
    await run('chown', ['-R', 'root:root', directory.dataDir]);
    await using database = await directory.open();
    expect(await query(database.databaseUrl, 'select word from public.words')).toEqual([{ word: 'kept' }]);
  });
});

describe.runIf(isRoot && isOpenCheckout)('as a normal user', () => {
  test('Postgres runs as that user', async () => {
    await using directory = await createDataDir({ isNew: true });
    await mkdir(directory.dataDir);
    await chown(directory.dataDir, NOBODY.uid, NOBODY.gid);
    const { pid, databaseUrl } = await directory.openElsewhere(NOBODY);
    expect(await rightsOf(pid)).toEqual({ uid: NOBODY.uid, capabilities: 0n });
    expect(await query(databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(join(directory.dataDir, 'passwords.json'))).uid).toBe(NOBODY.uid);
  });

  const refusal = async (directory: { dataDir: string; migrationsDir: string }) => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'open-and-stay.ts'), directory.dataDir, directory.migrationsDir],
      { ...NOBODY, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(child, 'close');
    return text;
  };

  test('a data directory of another user is refused in one line', async () => {
    await using directory = await createDataDir();
    {
      await using database = await directory.open();
      expect(database.isOwner).toBe(true);
    }
    expect(await refusal(directory)).toMatch(
      /^EmbeddedError: .*belongs to another user.*GANTRY_DATA_DIR.*$/m,
    );
  });

  test('a data directory of one’s own that is read-only is not said to be of another user', async () => {
    await using directory = await createDataDir({ isNew: true });
    await mkdir(directory.dataDir, { mode: 0o555 });
    await chown(directory.dataDir, NOBODY.uid, NOBODY.gid);
    expect(await refusal(directory)).toMatch(
      /^EmbeddedError: .*data is read-only by its mode\. Run "chmod .*GANTRY_DATA_DIR.*$/m,
    );
  });
});
