import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A directory that is being filled, by its name. */
const DRAFT = /^(headless-shell|fonts)-.+\.\d+\.[0-9a-f]{8}$/;
const DRAFT_AGE_MS = 600_000;

/** Fills a directory unless it is there. Of several processes that do it at once, each finds it whole. */
export async function fillDirectoryOnce(
  directory: string,
  fill: (draft: string) => Promise<unknown>,
): Promise<void> {
  if (existsSync(directory)) return;
  const draft = `${directory}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(draft, { recursive: true });
  try {
    await fill(draft);
    await rename(draft, directory);
  } catch (error) {
    // Another process may have been faster; its directory is whole, since a rename is atomic.
    if (!existsSync(directory)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes what processes left that were killed while they unpacked, which takes seconds: 200 MB each. */
export async function removeDrafts(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir).catch(() => [])) {
    const path = join(cacheDir, name);
    const status = DRAFT.test(name) ? await stat(path).catch(() => null) : null;
    if (status && status.mtimeMs < Date.now() - DRAFT_AGE_MS)
      await rm(path, { recursive: true, force: true });
  }
}
