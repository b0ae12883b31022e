// Opens the data directory of its first argument with the migrations of its second, says so, and stays.
import { openEmbedded } from '../src/index.ts';

const [dataDir = '', migrationsDir = ''] = process.argv.slice(2);
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
await using database = await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir });
process.stdout.write(`${JSON.stringify({ isOwner: database.isOwner, databaseUrl: database.databaseUrl })}\n`);
// An adopted Postgres keeps no process alive.
const stay = setInterval(() => {}, 60_000);
const isStopped = new Promise<void>((resolve) => {
  stopping.signal.addEventListener('abort', () => resolve());
});
await Promise.race([isStopped, database.exited]);
clearInterval(stay);
