// Opens the data directory given as argument, says so, and stays until it is killed.
import { join } from 'node:path';

import { openEmbedded } from '../src/index.ts';

const [dataDir = ''] = process.argv.slice(2);
await using database = await openEmbedded({
  dataDir,
  host: '127.0.0.1',
  migrationsDir: join(import.meta.dirname, '../../../supabase/migrations'),
});
process.stdout.write(`${database.isOwner}\n`);
await database.exited;
