import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Beyond, to count on would take longer than it is worth. */
const MAX_FILES = 50_000;

/**
 * The size of a directory on disk, in bytes; `Infinity` if it is more than 50,000 files.
 * What goes away meanwhile counts nothing.
 */
export async function directorySize(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  if (names.length > MAX_FILES) return Infinity;
  const sizes = await Promise.all(
    names.map(async (name) => {
      const status = await lstat(join(directory, name)).catch(() => null);
      return (status?.blocks ?? 0) * 512;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
