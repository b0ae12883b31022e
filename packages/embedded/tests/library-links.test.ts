import { execFile } from 'node:child_process';
import { cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { findPostgresBinaries, repairLibraryLinks } from '../src/postgres/postgres-binaries.ts';

test('library links that a blocked install script did not make are made at the start', async () => {
  const installed = dirname(dirname(dirname((await findPostgresBinaries()).postgres)));
  const root = await mkdtemp(join(tmpdir(), 'gantry-binaries-'));
  try {
    await cp(installed, root, { recursive: true, verbatimSymlinks: true });
    const libraries = join(root, 'native/lib');
    for (const name of await readdir(libraries)) {
      const path = join(libraries, name);
      if ((await lstat(path)).isSymbolicLink()) await rm(path);
    }
    const initdb = () => promisify(execFile)(join(root, 'native/bin/initdb'), ['--version']);
    const postgres = () => promisify(execFile)(join(root, 'native/bin/postgres'), ['--version']);
    await expect(postgres()).rejects.toThrow('cannot open shared object file');
    await Promise.all([repairLibraryLinks(root), repairLibraryLinks(root)]);
    expect((await postgres()).stdout).toContain('17.');
    expect((await initdb()).stdout).toContain('17.');
    // What cannot be repaired is told, not tried again and again.
    await rm(join(root, 'native/lib'), { recursive: true });
    await expect(repairLibraryLinks(root)).rejects.toMatchObject({
      code: 'POSTGRES_BINARIES_MISSING',
      message: expect.stringContaining('DATABASE_URL'),
    });
  } finally {
    await rm(root, { recursive: true });
  }
});
