import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keeps a report as bench/results/<name>.md. */
export async function writeResults(name: string, report: string): Promise<void> {
  const directory = join(import.meta.dirname, '../results');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${name}.md`), report);
}
