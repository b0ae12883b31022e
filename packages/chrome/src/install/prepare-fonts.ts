import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

import { extract } from 'tar-fs';

import { fillDirectoryOnce } from './fill-directory-once.ts';
import { fontDirectories } from './font-directories.ts';
import { fontsConf } from './fonts-conf.ts';
import { npmBrowserArchives } from './unpack-npm-browser.ts';

/**
 * Gives browsers fonts for the scripts of the web, on a machine with fonts or without: without a font for a script a
 * browser draws its text as a row of boxes.
 *
 * @returns what a browser needs in its environment to find them
 */
export async function prepareFonts(cacheDir: string): Promise<Record<string, string>> {
  const archive = join(npmBrowserArchives(), 'fonts.tar.br');
  const others = fontDirectories();
  // Another version of a font, or of the rules, gets a directory of its own: browsers that run keep theirs.
  const version = createHash('sha256').update(archive).update(fontsConf('', others)).digest('hex');
  const directory = join(cacheDir, `fonts-${version.slice(0, 12)}`);
  await fillDirectoryOnce(directory, async (draft) => {
    await pipeline(createReadStream(archive), createBrotliDecompress(), extract(join(draft, 'latin')));
    await writeFile(join(draft, 'fonts.conf'), fontsConf(directory, others));
  });
  return { FONTCONFIG_FILE: join(directory, 'fonts.conf') };
}
