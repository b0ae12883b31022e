import { inject } from 'vitest';

import { copyDirectory } from './copy-directory.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a Postgres that was started once and stopped, with the whole schema and nobody in it. */
    gantryPreparedDir: string;
  }
}

/**
 * Fills a data directory as an earlier start leaves it, with the whole schema and nobody in it: for a test whose
 * subject is not the first start, which costs many times as much.
 */
export async function fillDataDir(dataDir: string): Promise<void> {
  await copyDirectory(inject('gantryPreparedDir'), dataDir);
}
