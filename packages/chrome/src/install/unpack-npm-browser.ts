import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';

import { extract } from 'tar-fs';

import { fillDirectoryOnce } from './fill-directory-once.ts';

/** An unpacked browser. */
export type UnpackedBrowser = {
  executablePath: string;
  /** For machines without libnss3 and its like. */
  libraryEnv: Record<string, string>;
};

/** The directory with the archives of `@sparticuz/chromium`: the headless shell, its libraries and Latin fonts. */
export function npmBrowserArchives(): string {
  return join(dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium')))), 'bin');
}

/**
 * Unpacks the headless shell of `@sparticuz/chromium` into a directory of ours, once for each version. The
 * package's own function unpacks to a shared, guessable place in /tmp, so only its archives are used.
 */
export async function unpackNpmBrowser(cacheDir: string): Promise<UnpackedBrowser> {
  const archives = npmBrowserArchives();
  const { version }: { version: string } = JSON.parse(
    await readFile(join(archives, '../package.json'), 'utf8'),
  );
  const directory = join(cacheDir, `headless-shell-${version}`);
  await fillDirectoryOnce(directory, (draft) => unpack(archives, draft));
  return {
    executablePath: join(directory, 'headless-shell'),
    libraryEnv: { LD_LIBRARY_PATH: join(directory, 'al2023', 'lib') },
  };
}

async function unpack(archives: string, draft: string): Promise<void> {
  const open = (name: string) => createReadStream(join(archives, name));
  await Promise.all([
    pipeline(
      open('chromium.br'),
      createBrotliDecompress(),
      createWriteStream(join(draft, 'headless-shell'), { mode: 0o755 }),
    ),
    pipeline(open('swiftshader.tar.br'), createBrotliDecompress(), extract(draft)),
    pipeline(open('al2023.tar.br'), createBrotliDecompress(), extract(join(draft, 'al2023'))),
  ]);
}
