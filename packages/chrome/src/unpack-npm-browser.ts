import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';

import { extract } from 'tar-fs';

/** A directory that is being unpacked into, by its name. */
const DRAFT = /^headless-shell-.+\.\d+\.[0-9a-f]{8}$/;
const DRAFT_AGE_MS = 600_000;

/** An unpacked browser, and the environment that it wants. */
export type UnpackedBrowser = {
  executablePath: string;
  /** Without its fonts text renders blank. */
  env: Record<string, string>;
  /** For machines without libnss3 and its like. */
  libraryEnv: Record<string, string>;
};

/**
 * Unpacks the headless shell of `@sparticuz/chromium` into a directory of ours, once for each version. The
 * package's own function unpacks to a shared, guessable place in /tmp, so only its archives are used.
 */
export async function unpackNpmBrowser(cacheDir: string): Promise<UnpackedBrowser> {
  const packageDir = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
  const { version }: { version: string } = JSON.parse(
    await readFile(join(packageDir, 'package.json'), 'utf8'),
  );
  const directory = join(cacheDir, `headless-shell-${version}`);
  await removeDrafts(cacheDir);
  if (!existsSync(directory)) await unpack(join(packageDir, 'bin'), directory);
  return {
    executablePath: join(directory, 'headless-shell'),
    env: { FONTCONFIG_PATH: join(directory, 'fonts') },
    libraryEnv: { LD_LIBRARY_PATH: join(directory, 'al2023', 'lib') },
  };
}

/** Removes what processes left that were killed while they unpacked, which takes seconds: 200 MB each. */
async function removeDrafts(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir).catch(() => [])) {
    const path = join(cacheDir, name);
    const status = DRAFT.test(name) ? await stat(path).catch(() => null) : null;
    if (status && status.mtimeMs < Date.now() - DRAFT_AGE_MS)
      await rm(path, { recursive: true, force: true });
  }
}

async function unpack(archives: string, directory: string): Promise<void> {
  const draft = `${directory}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(draft, { recursive: true });
  try {
    const open = (name: string) => createReadStream(join(archives, name));
    await Promise.all([
      pipeline(
        open('chromium.br'),
        createBrotliDecompress(),
        createWriteStream(join(draft, 'headless-shell'), { mode: 0o755 }),
      ),
      pipeline(open('swiftshader.tar.br'), createBrotliDecompress(), extract(draft)),
      pipeline(open('fonts.tar.br'), createBrotliDecompress(), extract(join(draft, 'fonts'))),
      pipeline(open('al2023.tar.br'), createBrotliDecompress(), extract(join(draft, 'al2023'))),
    ]);
    await writeFile(join(draft, 'fonts', 'fonts.conf'), fontsConf(directory));
    await rename(draft, directory);
  } catch (error) {
    // Another process may have been faster; its directory is whole, since a rename is.
    if (!existsSync(directory)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The machine's own fonts first, for they know more scripts; the package's where there are none. */
function fontsConf(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <dir>${join(directory, 'fonts')}</dir>
  <cachedir>${join(directory, 'fontconfig-cache')}</cachedir>
</fontconfig>
`;
}
